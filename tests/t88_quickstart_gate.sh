#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# ./quickstart gate in repositories of its own: which revision it takes, what passes with a line,
# which accepted slowdowns it refuses, what it hands on, and that it leaves no worktree behind.  The
# compiler is not run: cmake and dpkg-query are stand-ins, and the libraries are copies of ours.
set -u
command -v git >/dev/null || { echo '# SKIP without git'; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failures=0
wrong() { printf 'not ok - %s\n' "$*"; failures=$((failures + 1)); }

mkdir -p bin
printf '#!/bin/sh\necho installed\n' >bin/dpkg-query
cat >bin/cmake <<END
#!/bin/bash
case " \$* " in
*' --build '*)
	[ ! -e kernels/broken ] && [ ! -e build/gate/tree/kernels/broken ] || { echo 'it does not compile'; exit 1; }
	out=build; [ "\$2" = release ] || [ "\$2" = --preset ] || out=\$2
	mkdir -p \$out && cp "$QS_BUILD/libquantsweep_kernels.so" \$out/
	printf '#!/bin/sh\necho "gated: \$*"\n' >\$out/quantsweep && chmod +x \$out/quantsweep ;;
*) mkdir -p build && printf 'CMAKE_C_COMPILER:FILEPATH=/usr/bin/some-cc\n' >build/CMakeCache.txt
	echo "configured in \$PWD: \$*" >>"$folder/configured" ;;
esac
END
chmod +x bin/*
export PATH=$folder/bin:$PATH GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b \
	GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b

gate() { # gate STATUS WORDS OPTION ...
	local status=$1 words=$2 got
	shift 2
	./quickstart gate "$@" >"$folder/out" 2>&1 </dev/null
	got=$?
	[ $got -eq "$status" ] || wrong "gate $*: status $got, expected $status: $(cat "$folder/out")"
	grep -qF -- "$words" "$folder/out" || wrong "gate $*: expected '$words', found: $(cat "$folder/out")"
	[ "$(git worktree list 2>/dev/null | wc -l)" -le 1 ] || wrong "gate $*: a worktree is left: $(git worktree list)"
	[ ! -e build/gate/tree ] || wrong "gate $*: build/gate/tree is left"
}
commit() { git add -A && git commit -q --allow-empty -m "$1" && git rev-parse HEAD; }

mkdir project && cd project || exit 1
cp "$QS_SOURCE/quickstart" . && cp "$QS_SOURCE/.gitignore" .
mkdir -p results configs && cp "$QS_SOURCE/results/accepted.csv" results/
GIT_CEILING_DIRECTORIES=$folder gate 4 'this folder is none'
git init -q -b main . || exit 1
touch CMakeLists.txt CMakePresets.json
empty=$(commit empty)
gate 0 'there is no revision before this one: nothing to compare, the gate passes'
mkdir -p kernels/gemm && echo 1 >kernels/gemm/gemm_x__ref.c
first=$(commit first)
gate 0 "revision ${empty:0:12} has no kernels: nothing to compare, the gate passes"
echo more >other && second=$(commit second)
gate 0 "are those of ${first:0:12}: nothing to compare, the gate passes"
gate 2 "--base 'nowhere': no such revision here" --base nowhere
gate 2 'option --base wants a value' --base
echo 2 >kernels/gemm/gemm_x__ref.c && third=$(commit third)
gate 0 "gated: gate --against build/gate/$second.so --accepted results/accepted.csv configs/gate.json"
grep -q -- "configured in .*/build/gate/tree: --preset release -DCMAKE_C_COMPILER=/usr/bin/some-cc" ../configured ||
	wrong "the older kernels are configured in another way: $(cat ../configured)"
gate 0 "build/gate/$first.so --accepted results/accepted.csv --junit a.json --budget=3 mine.json" \
	--base "$first" --junit a.json mine.json --budget=3
# what is not committed counts
gate 0 'are those of' --base HEAD
echo 3 >kernels/gemm/gemm_x__ref.c
gate 0 "gated: gate --against build/gate/$third.so" --base HEAD
git checkout -q kernels && touch kernels/gemm/gemm_x__new.c
gate 0 "gated: gate --against build/gate/$third.so" --base HEAD
rm kernels/gemm/gemm_x__new.c
# a branch is held against where it left main
git checkout -q -b work && echo 4 >kernels/gemm/gemm_x__ref.c && commit fourth >/dev/null
echo 5 >kernels/gemm/gemm_x__ref.c && fifth=$(commit fifth)
gate 0 "gated: gate --against build/gate/$third.so"
# accepted slowdowns
entry() { printf 'label,metric,allowed,commit,reason\n%s,time,3%%,%s,"why, then"\n' 'a | b' "$1" >results/accepted.csv; }
entry "$fifth"
gate 0 'gated: gate'
entry "${third:0:10}"
gate 2 "results/accepted.csv:2: the baseline ${third:0:12} holds commit ${third:0:10} already"
entry 0123456789
gate 2 "results/accepted.csv:2: no commit '0123456789' is in this repository"
git checkout -q results
# a baseline that cannot be built
touch kernels/broken && broken=$(commit broken) && git rm -q kernels/broken && commit mended >/dev/null
gate 4 "the kernels of ${broken:0:12} cannot be built" --base "$broken"
grep -q 'it does not compile' ../out || wrong "the compiler's words are not shown: $(cat ../out)"

exit $((failures > 0))
