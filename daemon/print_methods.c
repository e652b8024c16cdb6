/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>

#include "methods/methods.h"

/*
 * Prints the methods and their parameters as C, from the tables of the daemon. mmpctl
 * is built with the result, so that its help and manual use the same texts (help.h).
 */

static void put_text(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	putchar('"');
}

static void put_choices(const char *const *choices)
{
	if (!choices) {
		fputs("NULL", stdout);
		return;
	}
	fputs("(const char *const[]){ ", stdout);
	for (; *choices; choices++) {
		put_text(*choices);
		fputs(", ", stdout);
	}
	fputs("NULL }", stdout);
}

static void put_param(const struct mmp_param *param)
{
	fputs("\t{ ", stdout);
	put_text(param->name);
	fputs(", ", stdout);
	put_text(param->about);
	printf(", %s, ", param->required ? "true" : "false");
	put_choices(param->choices);
	puts(" },");
}

static void put_params(size_t number, const struct mmp_method *method)
{
	printf("static const struct method_param params_%zu[] = {\n", number);
	for (const struct mmp_param *p = method->params; p && p->name; p++)
		put_param(p);
	fputs("\t{ 0 },\n};\n", stdout);
}

int main(void)
{
	struct mmp_method *methods = methods_all();
	size_t n;

	puts("#include <stddef.h>\n\n#include \"methods.h\"\n");
	for (n = 0; methods[n].name; n++)
		put_params(n, &methods[n]);
	puts("\nconst struct method methods[] = {");
	for (n = 0; methods[n].name; n++) {
		fputs("\t{ ", stdout);
		put_text(methods[n].name);
		fputs(", ", stdout);
		put_text(methods[n].about);
		printf(", params_%zu },\n", n);
	}
	puts("\t{ 0 },\n};");
	free(methods);
	return ferror(stdout) || fclose(stdout) ? 1 : 0;
}
