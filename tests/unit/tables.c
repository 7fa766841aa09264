/* Text tables as people have them: read right, or refused with what to do. After numpy issue 18861 and pandas issue
 * 4793 (byte order marks), polars issue 6698 and pandas issue 781 (decimal commas), modred issue 3 and partitura issue
 * 37 (numbers between blanks, as numpy.savetxt writes), and habits of pandas and R (index, numeric header, missing). */
#include "common/test.h"

#include <stdio.h>

#include <specbias/dataset.h>

#include "common/files.h"
#include "common/samples.h"

static sb_dataset train, tests[SB_TEST_SETS];
static size_t count;

static void forget(void)
{
    sb_dataset_clear(&train);
    for (size_t i = 0; i < SB_TEST_SETS; i++) sb_dataset_clear(&tests[i]);
}

static sb_status read_bytes_as(const void *content, size_t length, sb_dataset_spec spec)
{
    const char *path = in_folder("t.csv");
    FILE *stream = fopen(path, "wb");
    assert_non_null(stream);
    assert_int_equal(fwrite(content, 1, length, stream), length);
    assert_int_equal(fclose(stream), 0);
    spec.file = path;
    return sb_dataset_make(sb_dataset_kind_find("table"), &spec, &train, tests, &count);
}

static sb_status read_as(const char *text, sb_dataset_spec spec)
{
    return read_bytes_as(text, strlen(text), spec);
}

/* Two examples, inputs .25, 1.5 and -2, 4; wanted outputs -30, .125. */
static void assert_examples(void)
{
    static const double x[] = {.25, 1.5, -2, 4}, y[] = {-30, .125};
    assert_int_equal(train.n, 2);
    assert_int_equal(train.input.channels, 2);
    assert_int_equal(train.output.channels, 1);
    assert_memory_equal(train.x, x, sizeof x);
    assert_memory_equal(train.y, y, sizeof y);
    forget();
}

static void read_right(void **state)
{
    static const char *const text[] = {
        ".25,1.5,-30\n-2,4,.125\n",
        "x,y,z\n.25,1.5,-30\n-2,4,.125\n",
        "x;y;z\r\n.25;1.5;-30\r\n-2;4;.125\r\n",
        "x;y;z\r.25;1.5;-30\r-2;4;.125\r",                       /* old Macintosh */
        "\xEF\xBB\xBFx|y|z\n.25|1.5|-30\n-2|4|.125\n",           /* bars, behind a mark of UTF-8 */
        "2.5e-01 1.5e+00 -3.0e+01\n-2.0e+00 4.0e+00 1.25e-01\n", /* numpy.savetxt */
        "# x y z\n   .25   1.5   -30  \n\t-2 \t 4     .125\t\n", /* columns of equal width */
        "x y z\n.25 1.5 -30\n-2 4 .125",
        "x y z\n.25 1.5 -30\n-2, 4 ,.125\n", /* by hand: one line unlike the others */
        "x;y;z\n0,25;1,5;-30\n-2 4 0,125\n",
        "\"x y\" \"z\" \"two words\"\n.25 1.5 -30\n-2 4 .125\n",
        "sep=;\nx;y;z\n.25;1.5;-30\n-2;4;.125\n",                /* Excel */
        "time (s)\tmean value\tz\n.25\t1.5\t-30\n-2\t4\t.125\n", /* tabs, with blanks in the names */
        "x;y;z\n0,25;1,5;-30\n-2;4;0,125\n",                     /* decimal commas */
        "x\ty\tz\n0,25\t1,5\t-3,0e1\n-2,000\t4\t0,125\n",        /* so -2,000 is no thousand */
        "0,25 1,5 -30\n-2 4,00 0,125\n",
        "\"0,25\",\"1,5\",\"-30\"\n\"-2\",\"4\",\"0,125\"\n", /* between quotes, with commas between cells */
        "x,y,z,\n.25,1.5,-30,\n-2,4,.125,\n",                 /* a comma behind each row */
        "x,y,z\n.25,1.5,-30,\n-2,4,.125,\n",                  /* but not behind the header */
        ".25,1.5,-30,\n-2,4,.125,\n",
        ",x,y,z\n0,.25,1.5,-30\n1,-2,4,.125\n",                         /* pandas: an index */
        ",0,1,2\n0,.25,1.5,-30\n1,-2,4,.125\n",                         /* and columns without names */
        "Unnamed: 0,x,y,z\n0,.25,1.5,-30\n1,-2,4,.125\n",               /* read and written once more */
        "\"\",\"x\",\"y\",\"z\"\n\"a\",.25,1.5,-30\n\"b\",-2,4,.125\n", /* R: write.csv */
        "\"x\" \"y\" \"z\"\n\"1\" .25 1.5 -30\n\"2\" -2 4 .125\n",      /* R: write.table */
        "\"two\nlines\", \"\"\"y\"\"\" , z\n .25 , 1.5 , -30\n -2 , 4 , .125\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        assert_ok(read_as(text[i], (sb_dataset_spec){0}));
        assert_examples();
    }
}

/* The same text in UTF-16 of both orders, with a letter beyond ASCII and one beyond 16 bits in the names; packed. */
static void other_bytes(void **state)
{
    static const char plain[] = "x,y,z\n.25,1.5,-30\n-2,4,.125\n";
    static const unsigned name[] = {0x00E4, 0xD835, 0xDC65}; /* in place of x */
    static bytes wide, unpacked, packed;
    (void)state;
    for (int big = 0; big < 2; big++) {
        wide.n = 0;
        put_whole(&wide, 2, big ? 0xFEFF : 0xFFFE);
        for (size_t i = 0; i < 3 + strlen(plain) - 1; i++) {
            unsigned c = i < 3 ? name[i] : (unsigned char)plain[i - 2];
            put_whole(&wide, 2, big ? c : c >> 8 | (c & 0xFF) << 8);
        }
        assert_ok(read_bytes_as(wide.data, wide.n,
                                (sb_dataset_spec){.inputs = 2, .input = (const char *[]){"\u00e4\U0001D465", "y"}}));
        assert_examples();
        assert_fails(read_bytes_as(wide.data, wide.n - 1, (sb_dataset_spec){0}), SB_ERR_INPUT, "damaged UTF-16");
        assert_fails(read_bytes_as(wide.data + 2, wide.n - 2, (sb_dataset_spec){0}), SB_ERR_INPUT,
                     big ? "a byte 0" : "t.csv");
        assert_fails(read_bytes_as(wide.data + 8, wide.n - 8, (sb_dataset_spec){0}), SB_ERR_INPUT,
                     "UTF-16 without a byte order mark; save it as UTF-8");
    }
    unpacked.n = 0;
    put_text(&unpacked, plain);
    pack(&unpacked, &packed);
    assert_ok(read_bytes_as(packed.data, packed.n, (sb_dataset_spec){0}));
    assert_examples();
    assert_fails(read_bytes_as(packed.data, packed.n - 3, (sb_dataset_spec){0}), SB_ERR_INPUT, "check sum");
    assert_fails(read_as("PK\3\4 and more", (sb_dataset_spec){0}), SB_ERR_INPUT,
                 "it is a zip archive or a spreadsheet");
    assert_fails(read_as("\x93NUMPY", (sb_dataset_spec){0}), SB_ERR_INPUT, "numpy.savetxt writes text");
}

/* What leaves a doubt is not guessed at. */
static void refused(void **state)
{
    static const char *const text[][2] = {
        {"0,1,2\n.25,1.5,-30\n", "t.csv:1:1: numbers that count may be a header or an example: say data.header"},
        {"2019;2020;2021\n.25;1.5;-30\n", "t.csv:1:1: numbers that count"},
        {"x,1,2\n.25,1.5,-30\n",
         "t.csv:1:1: \"x\" in column 1 is not a finite number; if this line is a header, say data.h"},
        {"x;y;z\n1,234;5;6\n",
         "t.csv:2:1: \"1,234\" may be a decimal number or thousands; write numbers with a decimal p"},
        {"x;y;z\n0,5;5;6.5\n",
         "t.csv:2:1: \"0,5\" has a comma, \"6.5\" in line 2 a point; write all numbers with the sam"},
        {"x;y;z\n1.234,5;5;6\n",
         "t.csv:2:1: \"1.234,5\" in column 1 \"x\" is not a finite number; write numbers with one"},
        {"x;y;z\n1,234,567;5;6\n",
         "t.csv:2:1: \"1,234,567\" in column 1 \"x\" is not a finite number; write numbers with "},
        {"x;y;z\n1'234;5;6\n", "is not a finite number; write numbers with one decimal mark and none for thousands"},
        {"x;y;z\n1 234;5;6\n", "t.csv:2:1: \"1 234\" in column 1 \"x\" is not a finite number"},
        {"x,y,z\n1,,3\n", "t.csv:2:3: column 2 \"y\" is empty; data.missing = \"drop\" leaves such rows out"},
        {"x,y,z\n1,NA,3\n", "t.csv:2:3: \"NA\" in column 2 \"y\" is not a finite number; data.missing = \"drop\""},
        {"x y z\n1 2\n", "t.csv:2:3: 2 columns instead of 3"},
        {"x,y,z\n1,2\n", "columns instead of"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        assert_fails(read_as(text[i][0], (sb_dataset_spec){0}), SB_ERR_INPUT, text[i][1]);
}

static void headers(void **state)
{
    static const char numbers[] = "0,1,2\n.25,1.5,-30\n-2,4,.125\n";
    (void)state;
    assert_ok(read_as(numbers, (sb_dataset_spec){.header = "yes"}));
    assert_examples();
    assert_ok(read_as(numbers, (sb_dataset_spec){.header = "no"}));
    assert_int_equal(train.n, 3);
    assert_true(train.x[0] == 0 && train.x[1] == 1 && train.y[0] == 2);
    forget();
    /* an ordinary first example */
    assert_ok(read_as("1 2 3\n4 5 6\n", (sb_dataset_spec){0}));
    assert_int_equal(train.n, 2);
    forget();
    assert_fails(read_as("x,y\n1,2\n", (sb_dataset_spec){.header = "no"}), SB_ERR_INPUT,
                 "t.csv:1:1: \"x\" in column 1");
    /* numpy.savetxt(header = ..): names for data.columns */
    assert_ok(read_as("# made today\n# a b c\n1 2 3\n4 5 6\n",
                      (sb_dataset_spec){.columns = 1, .column = (const char *[]){"a"}}));
    assert_true(train.y[0] == 1 && train.y[1] == 4 && train.x[0] == 2);
    forget();
}

/* Inputs that are named, in that order; columns of text beside them. */
static void chosen_inputs(void **state)
{
    static const char text[] =
        "day,x,kind,y,z\n2020-01-01 10:00,.25,setosa,1.5,-30\n2020-01-02 10:00,-2,virginica,4,.125\n";
    (void)state;
    assert_ok(read_as(text, (sb_dataset_spec){.inputs = 2, .input = (const char *[]){"x", "4"}}));
    assert_examples();
    assert_ok(read_as(
        text, (sb_dataset_spec){
                  .inputs = 1, .input = (const char *[]){"z"}, .columns = 2, .column = (const char *[]){"y", "x"}}));
    assert_true(train.x[0] == -30 && train.y[0] == 1.5 && train.y[1] == .25 && train.output.channels == 2);
    forget();
    assert_fails(read_as(text, (sb_dataset_spec){0}), SB_ERR_INPUT,
                 "t.csv:2:1: \"2020-01-01 10:00\" in column 1 \"day\"");
    assert_fails(read_as(text, (sb_dataset_spec){.inputs = 2, .input = (const char *[]){"x", "5"}}), SB_ERR_INPUT,
                 "column 5 is to be learned and an input");
    assert_fails(read_as(text, (sb_dataset_spec){.inputs = 2, .input = (const char *[]){"x", "2"}}), SB_ERR_INPUT,
                 "column 2 is an input twice");
    assert_fails(read_as(text, (sb_dataset_spec){.inputs = 1, .input = (const char *[]){"xx"}}), SB_ERR_INPUT,
                 "no column \"xx\" among its 5; the nearest is \"x\"");
    /* an index is an input when it is called one */
    assert_ok(read_as(",x,z\n5,.5,1\n6,.5,2\n", (sb_dataset_spec){0}));
    assert_int_equal(train.input.channels, 1);
    assert_string_equal(train.about, "inputs x, to be learned z; its first column \"\" is an index and no input");
    assert_true(train.of == 2);
    forget();
    assert_ok(read_as(",x,z\n5,.5,1\n6,.5,2\n", (sb_dataset_spec){.inputs = 2, .input = (const char *[]){"1", "x"}}));
    assert_true(train.input.channels == 2 && train.x[0] == 5 &&
                strcmp(train.about, "inputs 1 x, to be learned z") == 0);
    forget();
    assert_ok(read_as(",x,z\n5,.5,1\n6,.5,2\n", (sb_dataset_spec){.autoencoder = true}));
    assert_true(train.input.channels == 2 && train.y[0] == .5);
    forget();
}

static void missing(void **state)
{
    static const char text[] =
        "x,note,y,z\n.25,,1.5,-30\n1,a,,2\n2,b,NA,3\n,c,3,4\n5,d,nan,#N/A\n-2,e,4,.125\n7,f,8,?\n";
    (void)state;
    sb_dataset_spec spec = {.missing = "drop", .inputs = 2, .input = (const char *[]){"x", "y"}};
    assert_ok(read_as(text, spec));
    assert_int_equal(train.dropped, 5);
    assert_int_equal(train.row[0], 1);
    assert_int_equal(train.row[1], 6);
    assert_examples();
    assert_fails(read_as("x,y\n1,NA\nNA,2\n", (sb_dataset_spec){.missing = "drop"}), SB_ERR_INPUT,
                 "a number is missing in each of its 2 rows");
    assert_fails(read_as("x,y\n1,NA\ninf,2\n", (sb_dataset_spec){.missing = "drop"}), SB_ERR_INPUT,
                 "t.csv:3:1: \"inf\" in column 1");
    assert_fails(read_as("x,y\n1,NA\nten,2\n", (sb_dataset_spec){.missing = "drop"}), SB_ERR_INPUT,
                 "t.csv:3:1: \"ten\" in column 1");
    assert_ok(read_as("# x y z\nNA 1,5 2\n0,25 1,5 -30\n-2,0 4 0,125\n", (sb_dataset_spec){.missing = "drop"}));
    assert_int_equal(train.dropped, 1);
    assert_examples();
    /* a row that ends with a missing number is not one that ends with a comma */
    assert_ok(read_as("1,2,\n3,4,5\n6,7,\n", (sb_dataset_spec){.missing = "drop", .header = "no"}));
    assert_true(train.n == 1 && train.dropped == 2 && train.row[0] == 2);
    forget();
}

/* Rows of the file that became examples: x says which it was. */
static void numbered_rows(void **state)
{
    char text[400] = "x,y\n";
    bool seen[41] = {false};
    (void)state;
    for (int i = 1; i <= 40; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), i % 10 == 0 ? ",%d\n" : "%d,1\n", i);
    assert_ok(read_as(text, (sb_dataset_spec){.n = 20, .test = 10, .seed = 3, .missing = "drop"}));
    assert_int_equal(train.n + tests[0].n, 30);
    for (size_t i = 0; i < 30; i++) {
        const sb_dataset *set = i < 20 ? &train : &tests[0];
        size_t row = set->row[i < 20 ? i : i - 20];
        assert_true(set->x[i < 20 ? i : i - 20] == (double)row);
        assert_true(row >= 1 && row <= 40 && row % 10 != 0 && !seen[row]);
        seen[row] = true;
    }
    forget();
}

/* QMNIST: eight numbers for each example, of which the first is the class (pytorch/vision issue 995). */
static void rows_of_labels(void **state)
{
    static bytes b;
    (void)state;
    idx_images(&b, 3, 2, 2);
    write_bytes(in_folder("images"), &b);
    start_idx(&b, 0x0C, 2, (size_t[]){3, 8});
    for (size_t i = 0; i < 24; i++) put_whole(&b, 4, i % 8 ? 100 + i : (i / 8 + 1) % 3);
    write_bytes(in_folder("labels"), &b);
    sb_dataset_spec spec = {.file = in_folder("images"), .labels = in_folder("labels")};
    assert_ok(sb_dataset_make(sb_dataset_kind_find("idx"), &spec, &train, tests, &count));
    assert_int_equal(train.classes, 3);
    for (size_t i = 0; i < 3; i++) assert_int_equal(train.label[i], (i + 1) % 3);
    forget();
}

/* CIFAR-100: a coarse class, a fine one, the bytes of CIFAR-10. */
static void hundred_classes(void **state)
{
    static bytes b;
    (void)state;
    b.n = 0;
    for (size_t i = 0; i < 2; i++) {
        put_byte(&b, 19 - (unsigned)i);
        put_byte(&b, 99 - (unsigned)i);
        for (size_t j = 0; j < 3072; j++) put_byte(&b, (unsigned)(i + j) % 256);
    }
    write_bytes(in_folder("batch"), &b);
    sb_dataset_spec spec = {.file = in_folder("batch"), .standardise = "none"};
    for (int coarse = 0; coarse < 2; coarse++) {
        spec.labels = coarse ? "coarse" : "";
        assert_ok(sb_dataset_make(sb_dataset_kind_find("cifar"), &spec, &train, tests, &count));
        assert_int_equal(train.n, 2);
        assert_int_equal(train.classes, coarse ? 20 : 100);
        assert_int_equal(train.label[1], coarse ? 18 : 98);
        assert_true(train.x[0] == 0 && train.x[1] == 1024 % 256 && train.x[3072] == 1 && train.x[3075] == 2);
        forget();
    }
    spec.labels = "superclass";
    assert_fails(sb_dataset_make(sb_dataset_kind_find("cifar"), &spec, &train, tests, &count), SB_ERR_INPUT,
                 "its own labels, \"fine\" or \"coarse\"");
}

int main(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(read_right),    cmocka_unit_test(other_bytes),    cmocka_unit_test(refused),
        cmocka_unit_test(headers),       cmocka_unit_test(chosen_inputs),  cmocka_unit_test(missing),
        cmocka_unit_test(numbered_rows), cmocka_unit_test(rows_of_labels), cmocka_unit_test(hundred_classes),
    };
    return cmocka_run_group_tests(all, make_folder, remove_folder);
}
