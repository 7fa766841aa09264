/* Words in lines of SCREEN columns. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

void print_word(size_t *at, int indent, const char *word, size_t length)
{
    if (*at > (size_t)indent && *at + 1 + length > SCREEN) *at = (size_t)printf("\n%*s", indent, "") - 1;
    *at += (size_t)printf(" %.*s", (int)length, word);
}

void print_words(size_t *at, int indent, const char *text)
{
    for (size_t length; *text; text += length + (text[length] == ' ')) {
        length = strcspn(text, " ");
        print_word(at, indent, text, length);
    }
}

void print_reason(int indent, const char *reason)
{
    size_t at = (size_t)indent - 1;
    if (!*reason) return;
    printf("%*s", indent - 1, "");
    print_words(&at, indent - 1, reason);
    printf("\n");
}

/* What is broken stands under what is behind the label. */
void print_text(const char *text)
{
    for (size_t length; *text; text += length + (text[length] == '\n')) {
        length = strcspn(text, "\n");
        size_t at = 0, begin = strspn(text, " "), indent = begin > 9 ? begin - 1 : 9;
        if (length <= SCREEN)
            at = (size_t)printf("%.*s", (int)length, text);
        else
            at = (size_t)printf("%.*s", (int)(begin + strcspn(text + begin, " \n")), text);
        for (size_t i = at, word; i < length; i += word) { /* a word with the blanks before it */
            size_t blanks = strspn(text + i, " ");
            word = blanks + strcspn(text + i + blanks, " \n");
            if (at > indent && at + word > SCREEN) {
                at = (size_t)printf("\n%*s", (int)indent, "") - 1;
                at += (size_t)printf(" %.*s", (int)(word - blanks), text + i + blanks);
            } else
                at += (size_t)printf("%.*s", (int)word, text + i);
        }
        if (text[length] == '\n') printf("\n");
    }
}
