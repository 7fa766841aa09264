/* The seal: sha256 of the configuration and of every forecast, written before the first training step. */
#include <specbias/report.h>

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/sha2.h>

#include "core/file.h"
#include "core/text.h"

static void hex_of(const uint8_t digest[SHA256_DIGEST_SIZE], char hex[65])
{
    for (size_t i = 0; i < SHA256_DIGEST_SIZE; i++) sb_format(hex + 2 * i, 3, "%02x", (unsigned)digest[i]);
}

sb_status sb_sha256_file(const char *path, char hex[65])
{
    char *text = NULL;
    size_t length;
    uint8_t digest[SHA256_DIGEST_SIZE];
    struct sha256_ctx context;
    sb_status status = sb_read_file(path, &text, &length);
    if (status != SB_OK) return status;
    sha256_init(&context);
    sha256_update(&context, length, (const uint8_t *)text);
    sha256_digest(&context, sizeof digest, digest);
    hex_of(digest, hex);
    free(text);
    return SB_OK;
}

/* Forecasts: all of decay/ but what was observed and what is half written. */
static int is_forecast(const struct dirent *entry)
{
    const char *name = entry->d_name;
    return *name != '.' && strncmp(name, "observed", 8) != 0;
}

static sb_status list_forecasts(const char *directory, struct dirent ***list, int *count)
{
    char path[SB_PATH];
    sb_status status = sb_rundir_path(path, directory, "decay");
    if (status != SB_OK) return status;
    *count = scandir(path, list, is_forecast, alphasort);
    if (*count >= 0) return SB_OK;
    if (errno == ENOENT) return sb_fail(SB_ERR_SEAL, "broken seal: %s is missing", path);
    return sb_fail(errno == ENOMEM ? SB_ERR_NOMEM : SB_ERR_IO, "cannot list %s: %s", path, sb_system_error(errno));
}

static void free_list(struct dirent **list, int count)
{
    for (int i = 0; i < count; i++) free(list[i]);
    free(list);
}

static sb_status write_line(FILE *stream, const char *directory, const char *relative)
{
    char path[SB_PATH], hex[65];
    sb_status status = sb_rundir_path(path, directory, "%s", relative);
    if (status == SB_OK) status = sb_sha256_file(path, hex);
    if (status == SB_OK) sb_print(stream, "%s  %s\n", hex, relative);
    return status;
}

sb_status sb_seal_write(const char *directory, char seal[65])
{
    sb_status status = SB_OK;
    char path[SB_PATH], relative[SB_PATH];
    struct dirent **list = NULL;
    int count = 0;
    sb_writer writer = {0};
    SB_TRY(sb_rundir_path(path, directory, "forecast.sha256"));
    SB_TRY(list_forecasts(directory, &list, &count));
    SB_TRY(sb_writer_open(&writer, path));
    SB_TRY(write_line(writer.stream, directory, "config.cfg"));
    for (int i = 0; i < count; i++) {
        sb_format(relative, sizeof relative, "decay/%s", list[i]->d_name);
        SB_TRY(write_line(writer.stream, directory, relative));
    }
done:
    free_list(list, count > 0 ? count : 0);
    status = sb_writer_close(&writer, status);
    return status == SB_OK ? sb_sha256_file(path, seal) : status;
}

/* One line of the seal against the file it names. */
static sb_status verify_line(const char *directory, const char *line)
{
    char path[SB_PATH], hex[65];
    const char *relative = strlen(line) > 66 ? line + 66 : "";
    if (!*relative || strncmp(line + 64, "  ", 2) != 0 || strstr(relative, ".."))
        return sb_fail(SB_ERR_SEAL, "broken seal: forecast.sha256 of %s has a malformed line", directory);
    sb_status status = sb_rundir_path(path, directory, "%s", relative);
    if (status != SB_OK) return status;
    status = sb_sha256_file(path, hex);
    if (status == SB_ERR_INPUT)
        return sb_fail(SB_ERR_SEAL, "broken seal: %s/%s is missing or unreadable", directory, relative);
    if (status != SB_OK) return status; /* of the machine, which says nothing about the seal */
    if (strncmp(line, hex, 64) != 0)
        return sb_fail(SB_ERR_SEAL, "broken seal: %s/%s was changed after it was sealed", directory, relative);
    return SB_OK;
}

sb_status sb_seal_verify(const char *directory, char seal[65])
{
    sb_status status = SB_OK;
    char path[SB_PATH], relative[SB_PATH], *text = NULL;
    struct dirent **list = NULL;
    int count = 0;
    SB_TRY(sb_rundir_path(path, directory, "forecast.sha256"));
    status = sb_read_file(path, &text, NULL);
    if (status == SB_ERR_INPUT)
        return sb_fail(SB_ERR_SEAL, "%s holds no sealed forecast (forecast.sha256); run `specbias forecast` first",
                       directory);
    if (status != SB_OK) return status;
    SB_TRY(sb_sha256_file(path, seal));
    SB_TRY(list_forecasts(directory, &list, &count));
    for (int i = 0; i < count; i++) { /* a forecast that was slipped in later */
        sb_format(relative, sizeof relative, "  decay/%s\n", list[i]->d_name);
        if (!strstr(text, relative)) {
            status = sb_fail(SB_ERR_SEAL, "broken seal: %s/decay/%s is not under seal", directory, list[i]->d_name);
            goto done;
        }
    }
    if (!strstr(text, "  config.cfg\n")) {
        status = sb_fail(SB_ERR_SEAL, "broken seal: config.cfg of %s is not under seal", directory);
        goto done;
    }
    for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
        if (*line) SB_TRY(verify_line(directory, line));
done:
    free_list(list, count > 0 ? count : 0);
    free(text);
    return status;
}
