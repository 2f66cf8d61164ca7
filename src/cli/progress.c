#include "cli/progress.h"

#include <unistd.h>

#include "cli/output.h"

enum { BAR_CELLS = 30 };

struct progress progress_start(const char *what, bool is_bytes, bool is_wanted)
{
    return (struct progress){.what = what,
                             .is_bytes = is_bytes,
                             .is_shown = is_wanted && isatty(STDERR_FILENO),
                             .last_percent = -1};
}

void progress_set(struct progress *progress, int64_t done, int64_t total)
{
    int percent = total > 0 ? (int)(done * 100 / total) : 100;
    if (!progress->is_shown || percent == progress->last_percent) {
        return;
    }
    char bar[BAR_CELLS + 1];
    char counts[40] = "";
    for (int i = 0; i < BAR_CELLS; i++) {
        bar[i] = i * 100 < percent * BAR_CELLS ? '#' : '.';
    }
    bar[BAR_CELLS] = '\0';
    if (progress->is_bytes) {
        char done_text[16];
        char total_text[16];
        output_bytes(done, done_text);
        output_bytes(total, total_text);
        snprintf(counts, sizeof(counts), "  %s of %s", done_text, total_text);
    }
    fprintf(stderr, "\r\033[K%s [%s] %3d %%%s", progress->what, bar, percent, counts);
    fflush(stderr);
    progress->last_percent = percent;
}

void progress_end(struct progress *progress)
{
    if (progress->is_shown && progress->last_percent >= 0) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
    progress->is_shown = false;
}
