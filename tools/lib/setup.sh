# Sourced by tools/test, tools/demo and tools/bench: brings a bare Debian 12 to where Sceau builds.
#
#   sceau_setup PRESET [TARGET…]    installs what is missing, configures and builds build/PRESET
#
# SCEAU_MORE_PACKAGES names another file like tools/lib/packages, to be installed too.
#
# Quiet when there is nothing to do; never touches the network when all packages are there.

SCEAU_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say() { printf '%s\n' "$*" >&2; }
die() { say "$(basename "$0"): $*"; exit 1; }

# Runs a long command quietly. At a terminal its last line is shown as it goes; its output is kept for failure.
run_quietly() {
  local what=$1 log=$2 started=$SECONDS
  shift 2
  if [ -t 2 ]; then
    "$@" >"$log" 2>&1 &
    local pid=$!
    while kill -0 "$pid" 2>/dev/null; do
      printf '\r\033[K%s… %.70s' "$what" "$(tail -n 1 "$log" 2>/dev/null | tr -d '\r')" >&2
      sleep 0.3
    done
    printf '\r\033[K' >&2
    wait "$pid" || { tail -n 60 "$log" >&2; die "$what failed: the whole log is in ${log#"$SCEAU_ROOT"/}"; }
  else
    "$@" >"$log" 2>&1 || { tail -n 60 "$log" >&2; die "$what failed: the whole log is in ${log#"$SCEAU_ROOT"/}"; }
  fi
  [ $((SECONDS - started)) -lt 5 ] || say "$what: done in $((SECONDS - started)) s"
}

missing_packages() {
  local package
  grep -hv '^#' "$SCEAU_ROOT/tools/lib/packages" ${SCEAU_MORE_PACKAGES:+"$SCEAU_MORE_PACKAGES"} | while read -r package; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s ' "$package"
  done
}

install_packages() {
  local missing answer as_root=
  command -v dpkg-query >/dev/null || die "this is not a Debian system: install the packages of tools/lib/packages by hand"
  missing=$(missing_packages)
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "packages are missing: run as root: apt-get install $missing"
    as_root=sudo
  fi
  if [ -t 0 ] && [ -t 2 ]; then
    say "Sceau needs these Debian packages: $missing"
    read -r -p "Install them now with apt-get? [Y/n] " answer
    case "$answer" in [nN]*) die "nothing was installed: install them and start again" ;; esac
  else
    say "installing Debian packages: $missing"
  fi
  mkdir -p "$SCEAU_ROOT/build"
  # shellcheck disable=SC2086  # the list is meant to split
  # PostgreSQL's package would start a server of its own, which nothing here uses.
  local clusters=/etc/postgresql-common/createcluster.d
  run_quietly "installing packages" "$SCEAU_ROOT/build/apt.log" sh -c "
    $as_root apt-get update && $as_root mkdir -p $clusters &&
      echo 'create_main_cluster = false' | $as_root tee $clusters/sceau.conf >/dev/null && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing"
}

# Unpacks the source of Debian's package NAME into build/sources/NAME, once, in the version that is installed of
# BINARY where there is one. Needs no root: it derives source entries from the machine's own and keeps lists of its own.
fetch_source() {
  local name=$1 binary=$2 folder=$SCEAU_ROOT/build/sources lists version
  [ ! -d "$folder/$name" ] || return 0
  mkdir -p "$folder" && lists=$(mktemp -d "$folder/apt.XXXXXX")
  mkdir -p "$lists/parts" "$lists/lists/partial" "$lists/cache/archives/partial" "$lists/unpacked"
  local entry number=0
  for entry in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
    [ -f "$entry" ] || continue
    number=$((number + 1))
    # Debian's own entries are those with its component main.
    case $entry in
      *.sources) sed 's/^Types:.*/Types: deb-src/' "$entry" | awk -v RS= -v ORS='\n\n' '/Components:[^\n]*main/' \
                   >"$lists/parts/$number.sources" ;;
      *.list) sed -n 's/^deb \(.*[[:space:]]main\)/deb-src \1/p' "$entry" >"$lists/parts/$number.list" ;;
    esac
  done
  local apt=(-o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$lists/parts" -o "Dir::State::Lists=$lists/lists"
             -o "Dir::Cache=$lists/cache" -o APT::Sandbox::User= -o Debug::NoLocking=1)
  version=$(dpkg-query -W -f '${source:Version}' "$binary" 2>/dev/null) || version=
  local log=$folder/$name.log
  if ! { apt-get "${apt[@]}" update && cd "$lists/unpacked" &&
         { { [ -n "$version" ] && apt-get "${apt[@]}" source "$name=$version"; } || apt-get "${apt[@]}" source "$name"; }
       } >"$log" 2>&1 </dev/null; then
    rm -rf "$lists"
    say "the source of $name cannot be fetched from Debian (see ${log#"$SCEAU_ROOT"/}): the images for boards are not built"
    return 1
  fi
  mv "$lists"/unpacked/"$name"-*/ "$folder/$name"
  rm -rf "$lists"
}

# What the images for boards are built of; without it everything else still builds, and their tests say what is missing.
fetch_sources() {
  (fetch_source mbedtls libmbedtls-dev) || true
  (fetch_source cpputest libcpputest-dev) || true
}

sceau_setup() {
  local preset=$1
  shift
  install_packages
  mkdir -p "$SCEAU_ROOT/build"
  fetch_sources
  cd "$SCEAU_ROOT" || exit 1
  [ -f "build/$preset/build.ninja" ] ||
    run_quietly "configuring ($preset)" "build/configure-$preset.log" cmake --preset "$preset"
  run_quietly "building ($preset; some minutes the first time)" "build/build-$preset.log" ninja -C "build/$preset" "$@"
}
