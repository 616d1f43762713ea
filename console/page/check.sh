#!/bin/sh
# Builds the page again from the lockfile and compares it with dist/, which is in git
# and embedded in the Go package. Fails if they differ, or if dist/ has grown over
# 60 kB compressed. With -w it writes dist/ instead.
set -eu
cd "$(dirname "$0")"
limit=60000

npm ci --no-audit --no-fund --silent
if [ "${1:-}" = -w ]; then
	npx vite build --logLevel warn
	out=dist
else
	out=$(mktemp -d)
	trap 'rm -rf "$out"' EXIT
	npx vite build --logLevel warn --outDir "$out" --emptyOutDir
	if ! diff -r "$out" dist >/dev/null; then
		diff -rq "$out" dist || true
		echo "console/page/dist is not what its sources give: run console/page/check.sh -w, and commit dist" >&2
		exit 1
	fi
fi
size=0
for file in "$out"/*; do
	size=$((size + $(gzip -9 -n -c "$file" | wc -c)))
done
echo "page: $size bytes compressed, at most $limit"
[ "$size" -le "$limit" ]
