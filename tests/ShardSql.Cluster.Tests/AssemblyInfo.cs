using Xunit;

// Each test runs several processes that share the machine; side by side they would measure each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
