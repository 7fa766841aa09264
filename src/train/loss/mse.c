/* Written with the losses. */
typedef int sb_loss_mse_is_to_come;
