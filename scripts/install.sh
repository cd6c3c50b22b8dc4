# Sourced by run.sh and test.sh: makes a virtual environment and installs a requirements file, once
# per content.

FITS='import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

python_of_choice() {
    local candidate
    if [ -n "${PYTHON:-}" ]; then # who names one wants that one
        if "$PYTHON" -c "$FITS" 2>/dev/null; then
            echo "$PYTHON"
            return
        fi
        echo "error: PYTHON=$PYTHON must be a Python 3.11 to 3.13 with venv and pip; set it to" \
            "one, or unset it" >&2
        return 1
    fi
    for candidate in python3.11 python3.12 python3.13 python3 python; do
        if "$candidate" -c "$FITS" 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "error: Python 3.11 to 3.13 with venv and pip is needed; set PYTHON to its path" >&2
    return 1
}

has_gpu() {
    command -v nvidia-smi >/dev/null || [ -e /proc/driver/nvidia/version ]
}

# Packages are compiled as they are imported, which is a third of them: all of them take half a
# minute. What was compiled must then be kept, or each of some sixty processes compiles it anew.
unset PYTHONDONTWRITEBYTECODE

# PyTorch's own builds without CUDA, which the other index does not have: 0.2 GB instead of 5.3.
CPU_INDEX=${TORCH_CPU_INDEX:-https://download.pytorch.org/whl/cpu}

install_cpu_torch() { # install_cpu_torch PYTHON FILE: the pinned torch, if it is to be had there
    local pin
    pin=$(grep -m1 '^torch==' "$2") || return 0
    "$1" -c 'import sys; from importlib.metadata import version
sys.exit(version("torch").split("+")[0] != sys.argv[1])' "${pin#torch==}" 2>/dev/null && return
    "$1" -m pip --disable-pip-version-check --isolated download --quiet --no-deps --retries 0 \
        --timeout 5 --index-url "$CPU_INDEX" --dest "$1.torch" "$pin" 2>/dev/null &&
        "$1" -m pip install --quiet --no-compile --disable-pip-version-check \
            "$1.torch"/torch-*.whl || true
    rm -rf "$1.torch"
}

check_venv() { # check_venv VENV: removes one that cannot be installed into, and says so
    if [ -e "$1" ] && ! { "$1/bin/python" -c "$FITS" && "$1/bin/python" -m pip --version; } \
        >/dev/null 2>&1; then
        if [ -L "$1" ]; then
            echo "error: $1 is a link to something that is no environment of Python 3.11 to 3.13" \
                "with pip; remove it" >&2
            return 1
        fi
        echo "$1 is no environment of Python 3.11 to 3.13 with pip; it is made anew" >&2
        rm -rf "$1"
    fi
}

install() { # install FILE [VENV TORCH]: into .venv, or into VENV with that torch, unless it was done
    local file=$1 venv=${2:-.venv} torch=${3:-} pins=. python stamp
    stamp=$(cat requirements.txt "$file" | cksum | tr ' ' '-')
    check_venv "$venv"
    if [ ! -x "$venv/bin/python" ]; then
        python=$(python_of_choice)
        "$python" -m venv "$venv"
    fi
    if [ "$(cat "$venv/$file.stamp" 2>/dev/null)" != "$stamp" ]; then
        echo "installing $file${torch:+ with torch $torch}" >&2
        if [ -n "$torch" ]; then
            pins=$venv # a requirements file names the other one that lies beside it
            sed "s/^torch==.*/torch==$torch/" requirements.txt >"$venv/requirements.txt"
            sed "s/^torch==.*/torch==$torch/" requirements-dev.txt >"$venv/requirements-dev.txt"
        fi
        has_gpu || install_cpu_torch "$venv/bin/python" "$pins/requirements.txt"
        "$venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
            -r "$pins/$file"
        echo "$stamp" >"$venv/$file.stamp"
    fi
}
