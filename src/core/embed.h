/* A file of the source tree as a text inside the program, so that it runs from anywhere. The Makefile names the files
 * that an object embeds, as header tracking does not see them. */
#ifndef SPECBIAS_CORE_EMBED_H
#define SPECBIAS_CORE_EMBED_H

#define SB_EMBED(symbol, path)                                                                                         \
    __asm__(".section .rodata\n"                                                                                       \
            ".global " #symbol "\n" #symbol ":\n"                                                                      \
            ".incbin \"" path "\"\n"                                                                                   \
            ".byte 0\n"                                                                                                \
            ".previous\n");                                                                                            \
    extern const char symbol[];

#endif
