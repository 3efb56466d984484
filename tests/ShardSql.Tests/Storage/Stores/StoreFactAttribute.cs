using Xunit;
using Xunit.Sdk;

namespace ShardSql.Tests.Storage.Stores;

/// <summary>A fact of the test kit, skipped with a reason where the adapter's library is missing.</summary>
[XunitTestCaseDiscoverer("ShardSql.Tests.Storage.Stores.StoreFactDiscoverer", "ShardSql.Tests")]
[System.AttributeUsage(System.AttributeTargets.Method)]
public sealed class StoreFactAttribute : FactAttribute;
