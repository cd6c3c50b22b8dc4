# Sourced by run.sh and test.sh: makes a virtual environment and installs a requirements file, once
# per content.

python_of_choice() {
    local candidate
    for candidate in "${PYTHON:-}" python3.11 python3.12 python3 python; do
        if [ -n "$candidate" ] && "$candidate" -c \
            'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "error: Python 3.11 or 3.12 is needed; set PYTHON to its path" >&2
    return 1
}

install() { # install FILE [VENV TORCH]: into .venv, or into VENV with that torch, unless it was done
    local file=$1 venv=${2:-.venv} torch=${3:-} pins=. python stamp
    stamp=$(cat requirements.txt "$file" | cksum | tr ' ' '-')
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
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$pins/$file"
        echo "$stamp" >"$venv/$file.stamp"
    fi
}
