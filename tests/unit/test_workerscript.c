#include "unit.h"

#include "http/workerscript.h"

static void assert_imports(const char *script)
{
    if (!workerscript_may_import(str_from(script))) {
        fail_msg("an import was not seen: %s", script);
    }
}

static void assert_classic(const char *script)
{
    if (workerscript_may_import(str_from(script))) {
        fail_msg("taken for a module: %s", script);
    }
}

static void every_form_of_a_declaration_is_found(void **state)
{
    (void)state;
    assert_imports("import '/a.js'");
    assert_imports("import\"/a.js\"");
    assert_imports("import a from '/a.js'");
    assert_imports("import * as a from '/a.js'");
    assert_imports("import*as a from'/a.js'");
    assert_imports("import{a}from'/a.js'");
    assert_imports("import $ from '/a.js'");
    assert_imports("import \\u0061 from '/a.js'");
    assert_imports("import \xc3\xa9 from '/a.js'");
    assert_imports("import\xc2\xa0"
                   "a from '/a.js'");
    assert_imports("import defer * as a from '/a.js'");
    assert_imports("import/* ( */'/a.js'");
    assert_imports("import// (\n'/a.js'");
    assert_imports("import\n\n'/a.js'");
    assert_imports("export * from '/a.js'");
    assert_imports("export{a}from'/a.js'");
    assert_imports("export default 1");
    assert_imports("export @decorated class A {}");
}

static void a_declaration_is_found_wherever_a_statement_may_begin(void **state)
{
    (void)state;
    assert_imports("a();import'x'");
    assert_imports("a()\nimport'x'");
    assert_imports("a()\r  import'x'");
    assert_imports("a()\xe2\x80\xa8import'x'");
    assert_imports("\xef\xbb\xbfimport'x'");
    assert_imports("\xc2\xa0import'x'");
    assert_imports("#!/usr/bin/env node\nimport'x'");
    assert_imports("{}import'x'");
    assert_imports("/**/import'x'");
    assert_imports("a();/**/ import'x'");
    assert_imports("// import\nimport'x'");
    assert_imports("do;while(0)import'x'");
    assert_imports("do;while(0) import'x'");
    assert_imports("const a=/\"/;import'x';const b=/\"/");
    assert_imports("const a=`${'`'}`;import'x'");
    assert_imports("'use strict'\nimport'x'");
    assert_imports("class A{}export*from'x'");
    assert_imports("function f(){}\vexport*from'x'");
}

static void words_that_declare_nothing_are_none(void **state)
{
    (void)state;
    assert_classic("");
    assert_classic("importScripts('/a.js')");
    assert_classic("self.importScripts('/a.js');\nimportScripts('/b.js')");
    assert_classic("import('/a.js')");
    assert_classic("await import ('/a.js')");
    assert_classic("import.meta.url");
    assert_classic("a.import;a.export;a.import 'b'");
    assert_classic("const a={import:1,export:2}");
    assert_classic("a?.import");
    assert_classic("throw Error('Cannot use import statement')");
    assert_classic("const a=['import','export','import a']");
    assert_classic("/* cannot import a */ a()");
    assert_classic("/**\n * import a from 'b'\n */");
    assert_classic("// import a from 'b'");
    assert_classic("a=b//import c");
    assert_classic("$import\n_export\nimports\nexported\nimport1\nreimport a");
    assert_classic("const exports={};module.exports=exports");
    assert_classic("impor");
    assert_classic("export");
}

static void in_doubt_a_script_is_taken_for_a_module(void **state)
{
    (void)state;
    assert_imports("/*\nimport a\n*/");
    assert_imports("const a=`\nexport the thing`");
    assert_imports("const a=';import b'");
}

static void the_directive_is_seen_behind_comments_only(void **state)
{
    (void)state;
    assert_true(workerscript_is_strict(STR("\"use strict\";a()")));
    assert_true(workerscript_is_strict(STR("'use strict'")));
    assert_true(workerscript_is_strict(STR("'use strict'\na()")));
    assert_true(workerscript_is_strict(STR("\xef\xbb\xbf /* a */ // b\n 'use strict';")));
    assert_false(workerscript_is_strict(STR("a();'use strict'")));
    assert_false(workerscript_is_strict(STR("'use strict'+a")));
    assert_false(workerscript_is_strict(STR("'use strict")));
    assert_false(workerscript_is_strict(STR("/*")));
    assert_false(workerscript_is_strict(STR("//")));
    assert_false(workerscript_is_strict(STR("")));
}

static void the_types_of_scripts_are_those_of_browsers(void **state)
{
    (void)state;
    assert_true(workerscript_is_type(STR("text/javascript")));
    assert_true(workerscript_is_type(STR("Application/JavaScript; charset=utf-8")));
    assert_true(workerscript_is_type(STR("application/x-javascript")));
    assert_true(workerscript_is_type(STR("application/ecmascript")));
    assert_true(workerscript_is_type(STR("text/javascript1.5")));
    assert_true(workerscript_is_type(STR("text/jscript")));
    assert_true(workerscript_is_type(STR("text/livescript")));
    assert_false(workerscript_is_type(STR("text/html")));
    assert_false(workerscript_is_type(STR("text/html; a=text/javascript")));
    assert_false(workerscript_is_type(STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_of_a_declaration_is_found),
        cmocka_unit_test(a_declaration_is_found_wherever_a_statement_may_begin),
        cmocka_unit_test(words_that_declare_nothing_are_none),
        cmocka_unit_test(in_doubt_a_script_is_taken_for_a_module),
        cmocka_unit_test(the_directive_is_seen_behind_comments_only),
        cmocka_unit_test(the_types_of_scripts_are_those_of_browsers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
