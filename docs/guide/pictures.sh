#!/bin/sh
# Makes the pictures of the pages in this folder anew, of examples/shop and of the tour.
# It needs node, npm and Chromium. That of `asyncio top` is made by its test: go test ./internal/top -update,
# in cmd/asyncio.
set -eu
cd "$(dirname "$0")/../.."
shop= tour=
address=127.0.0.1:7071
work=$(mktemp -d)
trap 'kill "$shop" "$tour" 2>/dev/null || true; rm -rf "$work"' EXIT
(cd examples && go build -o "$work/shop" ./shop)
ASYNCIO_CONSOLE=tcp:$address "$work/shop" &
shop=$!
(cd console/page && { [ -d node_modules ] || npm ci --silent; } && node test/pictures.js "$work" "http://$address/")
go build -o "$work/asyncio" ./cmd/asyncio
"$work/asyncio" tour --web --no-open --no-edit >"$work/told" &
tour=$!
until page=$(grep -o 'http://[^ ]*' "$work/told"); do sleep 0.1; done
(cd console/page && node test/pictures.js "$work" "$page/tour/concurrency")
for theme in light dark; do
	mv "$work/tour-$theme.png" "docs/guide/tour-$theme.png"
	mv "$work/console-timeline-$theme.png" "docs/guide/console-$theme.png"
done
ls -l docs/guide/*.png
