/* Files of examples: what is written is read back, and what is wrong is said with its place. */
#include "common/test.h"

#include <stdio.h>

#include <png.h>

#include "data/load/load.h"

#include "common/files.h"
#include "common/samples.h"

static bytes b;

/* ---- IDX ---- */

/* As two's complement or IEEE 754, by the library's own rule for none of them. */
static void put_number(unsigned type, double value)
{
    float single = (float)value;
    uint32_t half;
    uint64_t bits;
    memcpy(&half, &single, sizeof half);
    memcpy(&bits, &value, sizeof bits);
    switch (type) {
    case 0x0B: put_whole(&b, 2, (uint64_t)(int64_t)value); break;
    case 0x0C: put_whole(&b, 4, (uint64_t)(int64_t)value); break;
    case 0x0D: put_whole(&b, 4, half); break;
    case 0x0E: put_whole(&b, 8, bits); break;
    default: put_whole(&b, 1, (uint64_t)(int64_t)value);
    }
}

static void numbers_of_every_type(void **state)
{
    static const struct {
        unsigned type;
        double value[4];
    } cases[] = {{0x08, {0, 1, 128, 255}},
                 {0x09, {0, -1, -128, 127}},
                 {0x0B, {-32768, 32767, -1, 258}},
                 {0x0C, {-2147483648.0, 2147483647, -2, 65536}},
                 {0x0D, {-0.5, 1.25, 3e38, -0x1p-126}},
                 {0x0E, {-0.1, 1e300, 3, -1e-300}}};
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        sb_idx idx;
        start_idx(&b, cases[c].type, 2, (size_t[]){2, 2});
        for (size_t i = 0; i < 4; i++) put_number(cases[c].type, cases[c].value[i]);
        write_bytes(in_folder("a.idx"), &b);
        assert_ok(sb_load_idx(in_folder("a.idx"), &idx));
        assert_int_equal(idx.n, 2);
        for (size_t i = 0; i < 4; i++)
            assert_true(sb_idx_number(&idx, i) ==
                        (cases[c].type == 0x0D ? (double)(float)cases[c].value[i] : cases[c].value[i]));
        sb_idx_clear(&idx);
    }
}

static void shapes_of_idx(void **state)
{
    static const size_t size[4] = {2, 3, 4, 5};
    static const sb_shape wanted[] = {{1, 1, 1}, {1, 1, 3}, {3, 4, 1}, {3, 4, 5}};
    (void)state;
    for (size_t dimensions = 1; dimensions <= 4; dimensions++) {
        sb_idx idx;
        size_t count = 1;
        start_idx(&b, 0x08, dimensions, size);
        for (size_t d = 0; d < dimensions; d++) count *= size[d];
        for (size_t i = 0; i < count; i++) put_byte(&b, (unsigned)i);
        write_bytes(in_folder("a.idx"), &b);
        assert_ok(sb_load_idx(in_folder("a.idx"), &idx));
        assert_int_equal(idx.shape.height, wanted[dimensions - 1].height);
        assert_int_equal(idx.shape.width, wanted[dimensions - 1].width);
        assert_int_equal(idx.shape.channels, wanted[dimensions - 1].channels);
        assert_true(sb_idx_number(&idx, count - 1) == (double)(count - 1));
        sb_idx_clear(&idx);
    }
}

static void packed_is_plain(void **state)
{
    sb_idx plain, packed;
    static bytes small;
    (void)state;
    idx_images(&b, 40, 10, 10);
    pack(&b, &small);
    write_bytes(in_folder("a.idx"), &b);
    write_bytes(in_folder("a.gz"), &small);
    assert_ok(sb_load_idx(in_folder("a.idx"), &plain));
    assert_ok(sb_load_idx(in_folder("a.gz"), &packed));
    assert_int_equal(plain.n, 40);
    assert_int_equal(packed.n, 40);
    assert_memory_equal(plain.bytes, packed.bytes, 4000);
    for (size_t i = 0; i < 4000; i++) assert_true(sb_idx_number(&plain, i) == sample_pixel(i / 100, i % 100));
    sb_idx_clear(&plain);
    sb_idx_clear(&packed);
}

static void idx_fails(const char *words)
{
    sb_idx idx;
    write_bytes(in_folder("bad.idx"), &b);
    assert_fails(sb_load_idx(in_folder("bad.idx"), &idx), SB_ERR_INPUT, words);
    assert_non_null(strstr(sb_error_text(), in_folder("bad.idx")));
    assert_null(idx.bytes);
}

static void broken_idx(void **state)
{
    sb_idx idx;
    (void)state;
    assert_fails(sb_load_idx(in_folder("none"), &idx), SB_ERR_INPUT, "none");
    assert_fails(sb_load_idx(in_folder("."), &idx), SB_ERR_INPUT, "directory");
    b.n = 0;
    idx_fails("offset 0: 4 bytes should follow, there are at most 0");
    put_text(&b, "hello, world");
    idx_fails("offset 0: not an IDX file, magic number 68656c6c");
    start_idx(&b, 0x0A, 1, (size_t[]){1});
    idx_fails("not an IDX file, magic number 00000a01");
    start_idx(&b, 0x08, 0, NULL);
    idx_fails("offset 3: 0 dimensions");
    start_idx(&b, 0x08, 5, (size_t[]){1, 1, 1, 1, 1});
    idx_fails("offset 3: 5 dimensions");
    start_idx(&b, 0x08, 3, (size_t[]){1, 0, 1});
    idx_fails("offset 8: size 0 of dimension 2");
    idx_images(&b, 3, 2, 2);
    b.n--;
    idx_fails("offset 16: 12 bytes should follow, there are at most 11");
    b.n = 10;
    idx_fails("offset 4: 12 bytes should follow, there are at most 6");
    idx_images(&b, 3, 2, 2);
    put_byte(&b, 0);
    idx_fails("more bytes from offset 28 on than its header says");
    start_idx(&b, 0x0D, 1, (size_t[]){2});
    put_number(0x0D, 1);
    put_number(0x0D, NAN);
    idx_fails("offset 12: nan is not a finite number");
    start_idx(&b, 0x0E, 1, (size_t[]){2});
    put_number(0x0E, -INFINITY);
    put_number(0x0E, 1);
    idx_fails("offset 8: inf is not a finite number");
}

/* 10 GB, and a product that overflows 64 bits. */
static void huge_idx(void **state)
{
    static bytes plain;
    (void)state;
    start_idx(&b, 0x08, 3, (size_t[]){100000, 1000, 100});
    put_byte(&b, 1);
    idx_fails("is more than the file can hold");
    start_idx(&b, 0x0E, 4, (size_t[]){0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF});
    idx_fails("offset 4: size 4294967295 of dimension 1 is more than the file can hold");
    start_idx(&plain, 0x08, 3, (size_t[]){100000, 1000, 100});
    pack(&plain, &b);
    idx_fails("is more than the file can hold");
    start_idx(&plain, 0x08, 1, (size_t[]){20000}); /* what gzip could hold, but does not */
    pack(&plain, &b);
    idx_fails("ends at offset 8 of the unpacked bytes, 20000 bytes too early");
}

static void broken_gzip(void **state)
{
    static bytes plain, whole;
    (void)state;
    idx_images(&plain, 40, 10, 10);
    pack(&plain, &whole);
    b = whole;
    b.n -= 12;
    idx_fails("of the unpacked bytes");
    b = whole;
    b.n -= 3;
    idx_fails("ends within the check sum behind offset 4016");
    b = whole;
    b.data[b.n - 6] ^= 1;
    idx_fails("damaged compression (");
    b = whole;
    b.data[b.n / 2] ^= 64;
    idx_fails("of the unpacked bytes");
}

static void labels(void **state)
{
    size_t n;
    int *label = NULL;
    (void)state;
    idx_labels(&b, 7);
    write_bytes(in_folder("a.labels"), &b);
    assert_ok(sb_load_labels(in_folder("a.labels"), &n, &label));
    assert_int_equal(n, 7);
    for (size_t i = 0; i < 7; i++) assert_int_equal(label[i], i % 3);
    free(label);
    label = NULL;
    idx_images(&b, 2, 2, 2);
    write_bytes(in_folder("a.labels"), &b);
    assert_fails(sb_load_labels(in_folder("a.labels"), &n, &label), SB_ERR_INPUT, "in one dimension");
    start_idx(&b, 0x0C, 1, (size_t[]){2});
    put_number(0x0C, 1);
    put_number(0x0C, -3);
    write_bytes(in_folder("a.labels"), &b);
    assert_fails(sb_load_labels(in_folder("a.labels"), &n, &label), SB_ERR_INPUT, "offset 12: label -3 is not in 0");
    assert_null(label);
}

/* ---- tables ---- */

/* All columns of a file. */
static sb_status load_csv(const char *path, sb_csv *csv)
{
    static const size_t all[] = {0, 1, 2, 3, 4, 5, 6, 7};
    sb_status status = sb_csv_open(csv, path, "auto");
    if (status != SB_OK) return status;
    assert_in_range(csv->columns, 0, 8);
    return sb_csv_read(csv, csv->columns, all, false);
}

static sb_csv read_csv(const char *text)
{
    sb_csv csv;
    write_text(in_folder("a.csv"), text);
    assert_ok(load_csv(in_folder("a.csv"), &csv));
    return csv;
}

static void assert_table(const char *text, size_t rows, size_t columns, const double *value, const char *const *name)
{
    sb_csv csv = read_csv(text);
    assert_int_equal(csv.rows, rows);
    assert_int_equal(csv.columns, columns);
    for (size_t i = 0; i < rows * columns; i++) assert_true(csv.value[i] == value[i]);
    assert_int_equal(csv.names, name ? columns : 0);
    assert_int_equal(csv.row[rows - 1], rows);
    for (size_t i = 0; name && i < columns; i++) assert_string_equal(csv.name[i], name[i]);
    sb_csv_clear(&csv);
}

static void tables(void **state)
{
    static const double value[] = {1, 2.5, -3e2, 4};
    static const char *const name[] = {"a", "b c"};
    (void)state;
    assert_table("1,2.5\n-3e2,4\n", 2, 2, value, NULL);
    assert_table("1,2.5\r\n-3e2,4", 2, 2, value, NULL);
    assert_table("1\t2.5\n-3e2\t4\n", 2, 2, value, NULL);
    assert_table("1;2.5\n-3e2;4\n", 2, 2, value, NULL);
    assert_table("# made by hand\n\n a , \"b c\" \n\"1\", 2.5 \n \n# more\n-3e2,\"4\"\n\n", 2, 2, value, name);
    assert_table("\xEF\xBB\xBF\"a\",b c\n1,2.5\n-3e2,4\n", 2, 2, value, name);
    assert_table("1\n2.5\n-300\n4\n", 4, 1, value, NULL);
}

/* The first line of a file of scikit-learn's. */
static void counted_tables(void **state)
{
    static const double value[] = {1, 2, 3, 4, 5, 6};
    static const char *const name[] = {"x", "y", "z"};
    (void)state;
    assert_table("2,2,\nx,y,z\n1,2,3\n4,5,6\n", 2, 3, value, name);
    assert_table("2,2,good,bad\n1,2,3\n4,5,6\n", 2, 3, value, NULL);
}

static void csv_fails(const char *text, const char *words)
{
    sb_csv csv;
    char wanted[1200];
    write_text(in_folder("bad.csv"), text);
    snprintf(wanted, sizeof wanted, "%s%s", in_folder("bad.csv"), words);
    assert_fails(load_csv(in_folder("bad.csv"), &csv), SB_ERR_INPUT, wanted);
    sb_csv_clear(&csv);
}

static void broken_tables(void **state)
{
    sb_csv csv;
    (void)state;
    assert_fails(load_csv(in_folder("none.csv"), &csv), SB_ERR_INPUT, "none.csv");
    csv_fails("", ":1: there are no rows");
    csv_fails("# nothing\n\na,b\n", ":4: there are no rows");
    csv_fails("a,b\n1,2\n3\n", ":3:1: 1 columns instead of 2");
    csv_fails("a,b\n1,2\n3,4,5\n", ":3:5: 3 columns instead of 2");
    csv_fails("1,2\n3,nan\n", ":2:3: \"nan\" in column 2 is not a finite number");
    csv_fails("a,b\n1,2\n-inf,4\n", ":3:1: \"-inf\" in column 1 \"a\" is not a finite number");
    csv_fails("a,b\n1,1e999\n", ":2:3: \"1e999\" in column 2 \"b\" is not");
    csv_fails("1,2\n3, \n", ":2:4: column 2 is empty");
    csv_fails("1,2\n3,", ":2:3: column 2 is empty");
    csv_fails("1,2\n3,4x\n", ":2:3: \"4x\" in column 2");
    csv_fails("1,2\n3,0x10\n", ":2:3: \"0x10\" in column 2");
    csv_fails("1,2\n3,4 5\n", ":2:3: \"4 5\" in column 2");
    csv_fails("a,7\n1,2\n", ":1:1: \"a\" in column 1 is not a finite number"); /* names are no numbers */
    csv_fails("1,2\n3,\"4\n5,6\n", ":2:3: a quote is not closed");
    csv_fails("1,2\n3,\"4\"5\n", ":2:6: text behind a closing quote");
    csv_fails("3,1,\n1,2\n3,4\n", ":1: says 3 rows of 1 inputs, there are 2 of 1");
    b.n = 0;
    put_text(&b, "1,2\n3,4");
    put_byte(&b, 0);
    write_bytes(in_folder("bad.csv"), &b);
    assert_fails(load_csv(in_folder("bad.csv"), &csv), SB_ERR_INPUT, "bad.csv:2:4: a byte 0");
}

static void quoted_lines_count(void **state)
{
    static const double value[] = {1, 2};
    static const char *const name[] = {"two\nlines", "say \"x\""};
    (void)state;
    assert_table("\"two\nlines\",\"say \"\"x\"\"\"\n1,2\n", 1, 2, value, name);
    csv_fails("\"two\nlines\",b\n1,2\n3,?\n", ":4:3: \"?\" in column 2");
}

/* ---- images ---- */

static void assert_image(size_t height, size_t width, const double *value)
{
    sb_image image;
    assert_ok(sb_load_image(in_folder("a.pgm"), &image));
    assert_int_equal(image.shape.height, height);
    assert_int_equal(image.shape.width, width);
    assert_int_equal(image.shape.channels, 1);
    for (size_t i = 0; i < height * width; i++) assert_true(image.value[i] == value[i]);
    sb_image_clear(&image);
}

static void pgm(void **state)
{
    static const double value[] = {0, 10.0 / 200, 1, 0.5, 0.25, 3.0 / 200};
    static const double deep[] = {1, 256.0 / 1000};
    (void)state;
    write_text(in_folder("a.pgm"), "P2 # by hand\n3 2\n# white\n200\n0 10 200\n100 50 3\n");
    assert_image(2, 3, value);
    b.n = 0;
    put_text(&b, "P5\n3 2 200\n");
    for (size_t i = 0; i < 6; i++) put_byte(&b, (unsigned)round(200 * value[i]));
    write_bytes(in_folder("a.pgm"), &b);
    assert_image(2, 3, value);
    b.n = 0;
    put_text(&b, "P5 2 1 1000 ");
    put_whole(&b, 2, 1000);
    put_whole(&b, 2, 256);
    write_bytes(in_folder("a.pgm"), &b);
    assert_image(1, 2, deep);
}

static void image_fails(const char *words)
{
    sb_image image;
    char wanted[1200];
    write_bytes(in_folder("bad.image"), &b);
    snprintf(wanted, sizeof wanted, "%s: %s", in_folder("bad.image"), words);
    assert_fails(sb_load_image(in_folder("bad.image"), &image), SB_ERR_INPUT, wanted);
    assert_null(image.value);
}

static void pgm_fails(const char *text, const char *words)
{
    b.n = 0;
    put_text(&b, text);
    image_fails(words);
}

static void broken_pgm(void **state)
{
    sb_image image;
    (void)state;
    assert_fails(sb_load_image(in_folder("none.pgm"), &image), SB_ERR_INPUT, "none.pgm");
    pgm_fails("", "offset 0: neither PNG nor PGM");
    pgm_fails("P6 1 1 255 abc", "offset 0: neither PNG nor PGM");
    pgm_fails("P2 ", "offset 3: the width is missing");
    pgm_fails("P2 0 1 255 1", "offset 3: the width is not in 1 .. 1000000");
    pgm_fails("P2 99999999999999999999999 1 255 1", "offset 3: the width is not in 1 .. 1000000");
    pgm_fails("P2 3 x", "offset 5: the height is missing");
    pgm_fails("P2 3 1 65536 1 1 1", "offset 7: the value of white is not in 1 .. 65535");
    pgm_fails("P2 3 1 255 1 256 1", "offset 13: a pixel is not in 0 .. 255");
    pgm_fails("P2 3 1 255 1 -1 1", "offset 13: a pixel is missing");
    pgm_fails("P2 3 1 255 1 255  ", "offset 18: a pixel is missing");
    pgm_fails("P2 3 1 255 1 2 3 4", "offset 17: more than 3 x 1 pixels");
    pgm_fails("P5 100000 100000 255 abc", "offset 21: 100000 x 100000 pixels need 10000000000 bytes, there are 3");
    pgm_fails("P2 100000 100000 255 1 2 3", "offset 20: 100000 x 100000 pixels need 19999999999 bytes");
    pgm_fails("P5 3 1 65535 abcde", "offset 13: 3 x 1 pixels need 6 bytes, there are 5");
    pgm_fails("P5 3 1 255 abcd", "offset 14: more than 3 x 1 pixels");
    pgm_fails("P5 3 1 98 abd", "offset 12: a pixel is 100, more than 98");
}

/* Every colour type and depth of libpng, plain and interlaced, against the numbers it was made of. */
static void png_types(void **state)
{
    static const struct {
        int color, depth;
    } cases[] = {{PNG_COLOR_TYPE_GRAY, 1},        {PNG_COLOR_TYPE_GRAY, 2},       {PNG_COLOR_TYPE_GRAY, 4},
                 {PNG_COLOR_TYPE_GRAY, 8},        {PNG_COLOR_TYPE_GRAY, 16},      {PNG_COLOR_TYPE_GRAY_ALPHA, 8},
                 {PNG_COLOR_TYPE_GRAY_ALPHA, 16}, {PNG_COLOR_TYPE_RGB, 8},        {PNG_COLOR_TYPE_RGB, 16},
                 {PNG_COLOR_TYPE_RGB_ALPHA, 8},   {PNG_COLOR_TYPE_RGB_ALPHA, 16}, {PNG_COLOR_TYPE_PALETTE, 1},
                 {PNG_COLOR_TYPE_PALETTE, 4},     {PNG_COLOR_TYPE_PALETTE, 8}};
    (void)state;
    for (size_t c = 0; c < 2 * sizeof cases / sizeof cases[0]; c++) {
        int color = cases[c / 2].color, depth = cases[c / 2].depth;
        bool palette = color == PNG_COLOR_TYPE_PALETTE;
        sb_image image;
        make_png(&b, color, depth, c % 2, 13, 9);
        write_bytes(in_folder("a.png"), &b);
        assert_ok(sb_load_image(in_folder("a.png"), &image));
        assert_int_equal(image.shape.height, 9);
        assert_int_equal(image.shape.width, 13);
        assert_int_equal(image.shape.channels, color & PNG_COLOR_MASK_COLOR ? 3 : 1);
        for (size_t k = 0, channels = image.shape.channels; k < 9 * 13 * channels; k++) {
            size_t i = k / (13 * channels), j = k / channels % 13, ch = k % channels;
            unsigned sample = png_sample_value(i, j, palette ? 0 : ch, depth);
            double wanted = palette ? png_palette_value(sample, ch) / 255.0 : sample / (double)((1 << depth) - 1);
            assert_true(image.value[k] == wanted);
        }
        sb_image_clear(&image);
    }
}

static void broken_png(void **state)
{
    static bytes whole;
    (void)state;
    make_png(&whole, PNG_COLOR_TYPE_RGB, 8, false, 13, 9);
    b = whole;
    b.n = 20;
    image_fails("before offset 20: ");
    b = whole;
    b.n -= 30;
    image_fails("before offset ");
    b = whole;
    b.data[b.n - 20] ^= 1;
    image_fails("before offset ");
    b = whole;
    b.data[17] = 1; /* a width of 65549 */
    image_fails("before offset 33: IHDR: CRC error");
    for (size_t i = 17; i < 24; i += 4) b.data[i] = 1; /* and such a height: 12.9 GB */
    repair_png(&b);
    image_fails("before offset 41: the header claims more pixels than the file can hold");
    b = whole;
    b.data[24] = 3; /* bits */
    repair_png(&b);
    image_fails("before offset 33: Invalid IHDR data");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_every_type),
        cmocka_unit_test(shapes_of_idx),
        cmocka_unit_test(packed_is_plain),
        cmocka_unit_test(broken_idx),
        cmocka_unit_test(huge_idx),
        cmocka_unit_test(broken_gzip),
        cmocka_unit_test(labels),
        cmocka_unit_test(tables),
        cmocka_unit_test(counted_tables),
        cmocka_unit_test(broken_tables),
        cmocka_unit_test(quoted_lines_count),
        cmocka_unit_test(pgm),
        cmocka_unit_test(broken_pgm),
        cmocka_unit_test(png_types),
        cmocka_unit_test(broken_png),
    };
    return cmocka_run_group_tests_name("loaders", tests, make_folder, remove_folder);
}
