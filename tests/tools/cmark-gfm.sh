#!/bin/sh
# What GitHub's Markdown makes of a report: only the tags we mean, and no link but those of the rule catalogue.
# Usage: cmark-gfm.sh report.md
set -eu
allowed='^(details|summary|code|h1|h2|h3|p|ul|ol|li|strong|pre|a|table|thead|tbody|tr|th|td)$'
page=$(cmark-gfm -e table -e autolink -e strikethrough --unsafe "$1")
odd=$(printf '%s' "$page" | grep -oE '<[a-zA-Z][a-zA-Z0-9]*' | cut -c2- | sort -u | grep -vE "$allowed" | tr '\n' ' ' || true)
links=$(printf '%s' "$page" | grep -oE '<a [^>]*>' | grep -vE '^<a href="https://(docs\.harvesterhci\.io|longhorn\.io|github\.com|kubernetes\.io|docs\.rke2\.io|www\.suse\.com)/' | tr '\n' ' ' || true)
opened=$(printf '%s' "$page" | grep -oE '<details' | wc -l)
closed=$(printf '%s' "$page" | grep -oE '</details' | wc -l)
if [ -z "$odd$links" ] && [ "$opened" -eq "$closed" ]; then
  echo "ok   $(basename "$1")"
else
  echo "FAIL $(basename "$1"): tags: $odd links: $links details: $opened/$closed"
fi
