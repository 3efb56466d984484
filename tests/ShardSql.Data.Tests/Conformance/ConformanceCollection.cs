using System.Diagnostics.CodeAnalysis;
using Xunit;

namespace ShardSql.Data.Tests.Conformance;

/// <summary>The classes of the suite share one cluster.</summary>
[CollectionDefinition(Name)]
[SuppressMessage("Naming", "CA1711", Justification = "xunit's own word for it.")]
public sealed class ConformanceCollection : ICollectionFixture<ConformanceFixture>
{
    /// <summary>Name of the collection.</summary>
    public const string Name = "conformance";
}
