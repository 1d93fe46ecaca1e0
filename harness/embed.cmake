# cmake -DNAME=x -DIN=file -DOUT=file.c -P embed.cmake: the file's bytes as a C array.
file(READ ${IN} hex HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" bytes "${bytes}")
file(WRITE ${OUT} "extern const char embedded_${NAME}[];\nconst char embedded_${NAME}[] = {\n${bytes}0};\n")
