#!/bin/sh
# Builds the pages again from the lockfile and compares them with what is in git and
# embedded in Go packages: the console's page with internal/consolepage/dist, and the
# tour's with cmd/asyncio/internal/tourweb/dist. Fails if they differ, or if one of them has grown
# over 60 kB compressed. With -w it writes the two folders instead.
set -eu
cd "$(dirname "$0")"
limit=60000
wrong=0
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

# page NAME CONFIG FOLDER builds a page, compares it with the folder, and weighs it.
page() {
	if [ "$write" = -w ]; then
		npx vite build --logLevel warn -c "$2"
		out=$3
	else
		out=$temporary/$1
		npx vite build --logLevel warn -c "$2" --outDir "$out" --emptyOutDir
		if ! diff -r "$out" "$3" >/dev/null; then
			diff -rq "$out" "$3" || true
			echo "$3 is not what its sources give: run console/page/check.sh -w, and commit it" >&2
			wrong=1
		fi
	fi
	size=0
	for file in "$out"/*; do
		size=$((size + $(gzip -9 -n -c "$file" | wc -c)))
	done
	echo "$1: $size bytes compressed, at most $limit"
	[ "$size" -le "$limit" ] || wrong=1
}

write=${1:-}
npm ci --no-audit --no-fund --silent
page console vite.config.js ../../internal/consolepage/dist
page tour vite.tour.config.js ../../cmd/asyncio/internal/tourweb/dist
exit $wrong
