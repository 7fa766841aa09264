/* All of specbias. Each header stands alone and is its own reference. */
#ifndef SPECBIAS_H
#define SPECBIAS_H

#include <specbias/batches.h>
#include <specbias/claim.h>
#include <specbias/compare.h>
#include <specbias/data.h>
#include <specbias/dataset.h>
#include <specbias/decay.h>
#include <specbias/density.h>
#include <specbias/dominance.h>
#include <specbias/drift.h>
#include <specbias/experiment.h>
#include <specbias/fit.h>
#include <specbias/flow.h>
#include <specbias/heat.h>
#include <specbias/isa.h>
#include <specbias/jacobi.h>
#include <specbias/kernel.h>
#include <specbias/law.h>
#include <specbias/linear.h>
#include <specbias/loss.h>
#include <specbias/measure.h>
#include <specbias/model.h>
#include <specbias/monitor.h>
#include <specbias/net.h>
#include <specbias/observe.h>
#include <specbias/path.h>
#include <specbias/poisson.h>
#include <specbias/problem.h>
#include <specbias/report.h>
#include <specbias/rng.h>
#include <specbias/rule.h>
#include <specbias/shape.h>
#include <specbias/spectrum.h>
#include <specbias/status.h>
#include <specbias/tangent.h>
#include <specbias/theory.h>
#include <specbias/zonal.h>

#endif
