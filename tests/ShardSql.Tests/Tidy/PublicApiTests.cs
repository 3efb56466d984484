using System;
using System.IO;

using ShardSql.Data;

using Xunit;

namespace ShardSql.Tests.Tidy;

/// <summary>The provider's public API changes on purpose only, and by addition (style.md 31).</summary>
public sealed class PublicApiTests
{
    private const string Snapshot = "tests/ShardSql.Tests/Tidy/ShardSql.Data.txt";

    [Fact]
    public void PublicApi_ofTheProvider_isTheSnapshot()
    {
        string now = PublicApi.Describe(typeof(ShardSqlConnection).Assembly);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(Path.Combine(Repository.Root, Snapshot), now);
        }

        Assert.True(
            Repository.Read(Snapshot) == now,
            $"the public API of ShardSql.Data is not what {Snapshot} says; if that is meant, run this test with "
            + "UPDATE_GOLDEN=1 in the environment and look at the difference");
    }
}
