// The tests load both ends of many calls on the same processors: one after another.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
