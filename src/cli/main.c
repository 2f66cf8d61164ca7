/*
 * The inlay command.
 */
#include <signal.h>

#include "cli/args.h"

int main(int count, char **words)
{
    /* A reader that went away (inlay event list | head) shows up as a failed write. */
    (void)signal(SIGPIPE, SIG_IGN);
    enum exit_code code = args_run(count - 1, words + 1);
    if (fflush(stdout) != 0 && code == EXIT_DONE) {
        code = EXIT_LOCAL;
    }
    return (int)code;
}
