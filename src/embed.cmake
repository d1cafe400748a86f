# SPDX-License-Identifier: BSD-2-Clause
# Turn a file into a C source that holds its bytes.
#
#   cmake -DINPUT=file -DOUTPUT=file.c -DSYMBOL=name -P embed.cmake
#
# defines  const char name[]  (the bytes and a NUL) and  const size_t name_size  (without
# the NUL).  An array of characters, because C17 promises no more than 4095 in a string.
foreach(argument INPUT OUTPUT SYMBOL)
    if(NOT ${argument})
        message(FATAL_ERROR "embed.cmake: ${argument} is missing")
    endif()
endforeach()

file(READ "${INPUT}" bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
# 12 bytes ('\xNN', = 7 characters) to a line.
string(REPEAT "......." 12 line)
string(REGEX REPLACE "(${line})" "\\1\n" bytes "${bytes}")
get_filename_component(name "${INPUT}" NAME)
file(WRITE "${OUTPUT}" "/* Made by embed.cmake from ${name}. */
#include <stddef.h>

extern const char ${SYMBOL}[];
extern const size_t ${SYMBOL}_size;

const char ${SYMBOL}[] = {
${bytes}
'\\0'};
const size_t ${SYMBOL}_size = sizeof ${SYMBOL} - 1;
")
