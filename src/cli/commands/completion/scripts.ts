/**
 * What a shell reads to complete command lines of play. All of them hand over what is typed, and play answers with a line
 * `files` or `nothing`, which tells whether names of files are good, too, and a line for each candidate: its value, a tab,
 * what it is for.
 */

/** Readline breaks words at `=` and `:`, too: of a candidate it wants what stands behind the last of these. */
const bash = `# Completion of play for bash: eval "$(play completion bash)"
_play() {
  local IFS=$'\\n' kind line word value text
  COMPREPLY=()
  line=\${COMP_LINE:0:COMP_POINT}
  word=\${COMP_WORDS[COMP_CWORD]}
  {
    IFS= read -r kind || return 0
    while IFS=$'\\t' read -r value text; do COMPREPLY+=("$value"); done
  } < <("\${COMP_WORDS[0]/#\\~/$HOME}" completion --answer "$line" 2>/dev/null)
  local typed=\${line##*[[:space:]]} kept= i
  case $typed in
    *[:=]*) [[ $COMP_WORDBREAKS == *[:=]* ]] && kept=\${typed%"\${typed##*[:=]}"} ;;
  esac
  for i in "\${!COMPREPLY[@]}"; do
    value=\${COMPREPLY[i]#"$kept"}
    # What has blanks in it is one word.
    [[ $value == *[[:space:]\\'\\"\\(\\)\\$\\&\\;]* && $word != [\\'\\"]* ]] && printf -v value %q "$value"
    COMPREPLY[i]=$value
  done
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace
  if [ "$kind" = files ]; then
    compopt -o filenames
    while read -r value; do COMPREPLY+=("$value"); done < <(compgen -f -- "\${typed#"$kept"}")
  fi
}
complete -F _play play ./play
`;

const zsh = `#compdef play
# Completion of play for zsh: eval "$(play completion zsh)" behind compinit, or as a file _play in a folder of $fpath.
_play() {
  local kind value text
  local -a values shown
  {
    IFS= read -r kind || return 1
    while IFS=$'\\t' read -r value text; do
      values+=("$value")
      shown+=("$value\${text:+  -- $text}")
    done
  } < <("\${words[1]/#\\~/$HOME}" completion --answer-words "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)
  local -a assigned
  assigned=(\${(M)values:#*=})
  if (( $#assigned )); then compadd -S '' -d shown -a values
  else compadd -d shown -a values; fi
  [[ $kind == files ]] && _files
  return 0
}
if [ "$funcstack[1]" = _play ]; then _play "$@"; else compdef _play play ./play; fi
`;

const fish = `# Completion of play for fish: play completion fish | source
function __play_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    $program completion --answer-words $words (commandline -ct) 2>/dev/null | string match -v -r '^nothing$' | while read -l line
        if test "$line" = files
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c play -f -a '(__play_complete)'
`;

export const completionScripts = { bash, zsh, fish } as const;
