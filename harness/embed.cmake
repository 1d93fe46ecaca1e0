# cmake -DNAME=x -DIN=file -DOUT=file.c -P embed.cmake: the file's bytes as a C array.
file(READ ${IN} hex HEX)
# '\x97', not 0x97: a character constant has char's own sign, so none overflows
string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${hex}")
string(REGEX REPLACE "('[^']*','[^']*','[^']*','[^']*','[^']*','[^']*','[^']*','[^']*','[^']*','[^']*','[^']*','[^']*','[^']*','[^']*','[^']*','[^']*',)" "\\1\n" bytes "${bytes}")
file(WRITE ${OUT} "#include <stddef.h>
extern const char embedded_${NAME}[];
extern const size_t embedded_${NAME}_size;
const char embedded_${NAME}[] = {\n${bytes}0};
const size_t embedded_${NAME}_size = sizeof embedded_${NAME} - 1;
")
