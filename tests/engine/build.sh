#!/usr/bin/env bash
# Builds Pulumi's engine from its Go modules, in three minutes on two cores:
#
#     tests/engine/build.sh FOLDER && export PATH=FOLDER:$PATH
#
# It needs Go. A folder that has this version already stays as it is. For the tests of tests/engine, not for Azure:
# it has no plugins. For Azure install Pulumi: https://www.pulumi.com/docs/install/
set -euo pipefail

version=v3.274.1
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)

if [ "$(cat "$out/version" 2>/dev/null || true)" != "$version" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    cd "$work"
    # `go install` refuses a module with replace directives, so a module of our own requires it.
    printf 'module enginebuild\ngo 1.25\n' >go.mod
    printf '//go:build tools\n\npackage tools\n\nimport _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"\n' >tools.go
    go get "github.com/pulumi/pulumi/pkg/v3@$version"
    go mod tidy
    go build -ldflags "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$version" \
        -o "$out/pulumi" github.com/pulumi/pulumi/pkg/v3/cmd/pulumi
    sdk=$(go list -m -f '{{.Dir}}' github.com/pulumi/pulumi/sdk/v3)
    install -m 755 "$sdk/python/cmd/pulumi-language-python-exec" "$out/"
    printf '%s\n' "$version" >"$out/version"
fi
install -m 755 "$here/pulumi-language-python" "$out/"
install -m 644 "$here/language_host.py" "$out/"
