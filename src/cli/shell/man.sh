#!/usr/bin/env bash
# The man pages, made of what the program says of itself: man.sh PROGRAM DIRECTORY. specbias.1, specbias-COMMAND.1,
# specbias-TOPIC.7, and the keys of configurations in specbias.cfg.5.
set -euo pipefail
program=$1 to=$2
version=$("$program" --version)
overview=$("$program" --help) topics=$("$program" help | sed -n '/^topics$/,/^$/{s/^  //p}')
mkdir -p "$to/man1" "$to/man5" "$to/man7"

page() { # NAME SECTION TITLE: the text comes from stdin and keeps its lines of 80 columns, so nothing is indented
    {
        printf '.TH %s %s "" "%s"\n.SH NAME\n%s \\- %s\n.SH DESCRIPTION\n.in 0\n.nf\n' \
            "${1^^}" "$2" "$version" "$1" "$3"
        sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^[.']/\\\\\&&/"
        printf '.fi\n.SH SEE ALSO\n.BR specbias (1)\n'
    } >"$to/man$2/$1.$2"
}

page specbias 1 "checks the theory of spectral bias against real training" <<END_OF_PAGE
$overview

topics, pages specbias-TOPIC (7)
$(sed 's/^/  /' <<<"$topics")

pages of commands: specbias-COMMAND (1)
keys of configurations: specbias.cfg (5)
END_OF_PAGE

"$program" keys | page specbias.cfg 5 "keys of specbias configurations"
while read -r name title; do "$program" help "$name" | page "specbias-$name" 7 "$title"; done <<<"$topics"
while read -r name; do
    said=$("$program" "$name" --help)
    page "specbias-$name" 1 "$(sed -n '3{s/\.$//;s/\. .*//;p}' <<<"$said")" <<<"$said"
done < <("$program" --complete '' | grep -v '^-')
