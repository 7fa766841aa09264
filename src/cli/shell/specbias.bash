# Completion for bash: the program itself knows its commands, options and keys.
_specbias() {
    local line=${COMP_LINE:0:COMP_POINT} words last IFS=$' \t\n'
    read -ra words <<<"$line"
    [[ $line != *[[:space:]] ]] || words+=("")
    last=${words[${#words[@]} - 1]}
    IFS=$'\n'
    COMPREPLY=($("${words[0]/#\~/$HOME}" --complete "${words[@]:1}" 2>/dev/null))
    # readline replaces what stands behind the last '='
    if [[ $last == *=* && $COMP_WORDBREAKS == *=* ]]; then COMPREPLY=("${COMPREPLY[@]#"${last%%=*}="}"); fi
    if [[ ${#COMPREPLY[@]} == 0 ]]; then compopt -o default 2>/dev/null; fi
    if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -F _specbias specbias
