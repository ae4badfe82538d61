# Shared by ./demo, ./test and ./bench: packages, steps that tell how long they took, builds. Sourced, with the
# repository's root as the working folder.

log_folder=build/log
mkdir -p "$log_folder"

say() {
  printf '%s\n' "$*"
}

fail() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# seconds_since START: with one decimal; START is $EPOCHREALTIME, whose decimal point is the locale's.
seconds_since() {
  local now=${EPOCHREALTIME/[.,]/} start=${1/[.,]/}
  local tenths=$(((now - start) / 100000))
  printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# step TITLE COMMAND...: one line of output, with its time; what the command says goes to a file, and is shown when the
# command fails. Returns the command's result.
step() {
  local title=$1 start=$EPOCHREALTIME result=0
  local log=$log_folder/${title//[^a-zA-Z0-9]/_}.txt
  shift
  "$@" >"$log" 2>&1 </dev/null || result=$?
  if ((result == 0)); then
    printf '  %-44s %8s s\n' "$title" "$(seconds_since "$start")"
  else
    printf '  %-44s %8s s  failed; the end of %s:\n' "$title" "$(seconds_since "$start")" "$log"
    grep -vE '^ *Start +[0-9]+:| Passed +[0-9.]+ sec *$' "$log" | tail -n 120
  fi
  return "$result"
}

# Installed packages and what they provide: the nodejs of another vendor is npm as well.
list_installed() {
  dpkg-query -W -f='${db:Status-Status} ${Package}, ${Provides}\n' | sed -n 's/^installed //p' |
    sed 's/ ([^)]*)//g' | tr -s ', ' '\n'
}

# needs SECTION...: the lines of these sections of tools/packages.
needs() {
  awk -v wanted=" $* " '
    /^\[/ { section = substr($0, 2, length($0) - 2); next }
    NF && !/^#/ && index(wanted, " " section " ") { print $1 }' tools/packages
}

# missing SECTION...: needs of which no alternative is installed.
missing() {
  local need alternative installed
  installed=$(list_installed)
  for need in $(needs "$@"); do
    for alternative in ${need//|/ }; do
      grep -qxF -- "$alternative" <<<"$installed" && continue 2
    done
    printf '%s\n' "$need"
  done
}

has_candidate() {
  [[ $(apt-cache policy "$1" 2>/dev/null) == *"Candidate: "[!\(]* ]]
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  else
    sudo "$@"
  fi
}

# install NEED...: the first alternative of each that the distribution has.
install() {
  local need alternative packages=()
  as_root apt-get update
  for need in "$@"; do
    for alternative in ${need//|/ }; do
      if has_candidate "$alternative"; then
        packages+=("$alternative")
        continue 2
      fi
    done
    printf 'this distribution has no package for %s\n' "${need//|/ or }"
    return 1
  done
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}"
}

# ensure_packages SECTION...: nothing at all when everything is there.
ensure_packages() {
  command -v dpkg-query >/dev/null ||
    fail "this is not Debian or Ubuntu: install what tools/packages lists, then run cmake --preset dev"
  local absent=()
  mapfile -t absent < <(missing "$@")
  ((${#absent[@]})) || return 0
  ((EUID == 0)) || command -v sudo >/dev/null ||
    fail "packages are missing and there is no sudo; as root, run: apt-get install ${absent[*]}"
  step "install ${#absent[@]} packages" install "${absent[@]}"
}

# build PRESET TARGET [OPTION...]: configures and builds.
build() {
  local preset=$1 target=$2
  shift 2
  step "configure ($preset)" cmake --preset "$preset" "$@" &&
    step "build $target ($preset)" cmake --build "build/$preset" --target "$target"
}

# A build for people who want to use the programs, not to change them: warnings of a compiler that nobody here has tried do
# not stop it.
build_release() {
  build release "$1" -DERRAND_DEVELOPER=OFF -DERRAND_BUILD_TESTS=OFF -DERRAND_BUILD_EXAMPLES=ON -DERRAND_BUILD_BENCH=ON
}
