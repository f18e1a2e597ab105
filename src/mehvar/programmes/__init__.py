"""Follow promulgated measures through plans, progress and obstacles to an honest stocktake."""
