#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: mib_lint.sh MIB BASE-DIRECTORY
#
# smilint, as strict as it gets, must have nothing to say.  It exits 0 whatever it
# finds, and says nothing at all of a name without a slash, so that two canaries prove
# that silence means something: one wrong by syntax, one wrong by meaning.
set -eu
mib=$(realpath "$1")
base=$(realpath "$2")
name=$(basename "$mib")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

lint()
{
	SMIPATH="$base" smilint -c /dev/null -s -l 6 -i namelength-32 "./$1" 2>&1
}

cp "$mib" "$name"
complaints=$(lint "$name")
if [ -n "$complaints" ]; then
	printf '%s\n' "$complaints"
	exit 1
fi

for change in 's/^END$/E ND/' 's/^\( *\)dmpPortKey,$/\1dmpPortLock,/'; do
	sed "$change" "$mib" >canary.txt
	cmp -s "$mib" canary.txt && echo "the canary is not wrong: $change" && exit 1
	if [ -z "$(lint canary.txt)" ]; then
		echo "smilint does not notice: $change"
		exit 1
	fi
done
