/* Written with the training loop. */
typedef int sb_fit_route_plain_is_to_come;
