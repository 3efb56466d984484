using System;
using System.IO;

using ShardSql.Data;

using Xunit;

namespace ShardSql.Tests.Tidy;

/// <summary>The provider's public API changes on purpose only, and by addition (style.md 31).</summary>
public sealed class PublicApiTests
{
    [Theory]
    [InlineData(typeof(ShardSqlConnection))]
    [InlineData(typeof(ShardSqlHealthCheck))]
    public void PublicApi_ofTheProvider_isTheSnapshot(Type any)
    {
        string snapshot = $"tests/ShardSql.Tests/Tidy/{any.Assembly.GetName().Name}.txt";
        string now = PublicApi.Describe(any.Assembly);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(Path.Combine(Repository.Root, snapshot), now);
        }

        Assert.True(
            Repository.Read(snapshot) == now,
            $"the public API of {any.Assembly.GetName().Name} is not what {snapshot} says; if that is meant, run this test with "
            + "UPDATE_GOLDEN=1 in the environment and look at the difference");
    }
}
