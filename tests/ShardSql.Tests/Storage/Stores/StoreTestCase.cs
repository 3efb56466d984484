using System;
using System.Linq;

using ShardSql.Storage.Stores;

using Xunit.Abstractions;
using Xunit.Sdk;

namespace ShardSql.Tests.Storage.Stores;

/// <summary>A case that knows, by its class, whether this machine can run it.</summary>
public sealed class StoreTestCase : XunitTestCase
{
    /// <summary>For the deserializer of the test runner.</summary>
    [Obsolete("For the deserializer only.")]
    public StoreTestCase()
    {
    }

    /// <summary>A case of a method.</summary>
    public StoreTestCase(
        IMessageSink diagnosticMessageSink,
        TestMethodDisplay display,
        TestMethodDisplayOptions displayOptions,
        ITestMethod testMethod)
        : base(diagnosticMessageSink, display, displayOptions, testMethod)
    {
    }

    /// <inheritdoc />
    protected override string? GetSkipReason(IAttributeInfo factAttribute) =>
        TestMethod.TestClass.Class.GetCustomAttributes(typeof(RequiresRocksDbAttribute)).Any()
            && !RocksDbStore.IsAvailable
            ? "librocksdb 7.8 is not installed (Debian: apt-get install librocksdb7.8)"
            : base.GetSkipReason(factAttribute);
}
