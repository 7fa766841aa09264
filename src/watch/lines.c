#include <specbias/observe.h>

#include <stdlib.h>

#include "watch/fft.h"

sb_status sb_line_spectra(size_t n, size_t length, size_t channels, const double *v, size_t bins, double *size)
{
    sb_status status = SB_OK;
    sb_fft *fft = NULL;
    double *line = malloc((length + 1) * sizeof *line);
    double complex *amp = malloc((length / 2 + 1) * sizeof *amp);
    if (!line || !amp) SB_TRY(sb_fail(SB_ERR_NOMEM, "no memory for the spectrum of %zu points", length));
    SB_TRY(sb_fft_create(1, length, &fft));
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < channels; c++) {
            for (size_t j = 0; j < length; j++) line[j] = v[(i * length + j) * channels + c];
            sb_fft_forward(fft, line, amp);
            for (size_t k = 0; k < bins; k++) size[(i * bins + k) * channels + c] = cabs(amp[k]) / (double)length;
        }
done:
    sb_fft_destroy(&fft);
    free(line);
    free(amp);
    return status;
}
