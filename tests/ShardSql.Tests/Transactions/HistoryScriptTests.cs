using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

using ShardSql.Simulation.Golden;

using Xunit;

namespace ShardSql.Tests.Transactions;

/// <summary>
/// The cases of studies/commit.md §4 as transcripts. <c>&gt; one</c> runs a history on one shard, <c>&gt; two</c> with
/// neighbouring letters on two; <c>&gt; expect</c> states the outcome, so that rewriting a file cannot hide a wrong one.
/// </summary>
public sealed class HistoryScriptTests
{
    private static readonly string s_folder = GoldenScript.FolderOf("tests/ShardSql.Tests/Transactions/testdata");

    public static TheoryData<string> Scripts =>
        [.. Directory.GetFiles(s_folder, "*.txt").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Histories_ofAScript_runAsItSays(string script)
    {
        HistoryDriver? driver = null;
        int expectations = 0;
        string? difference = GoldenScript.Run(Path.Combine(s_folder, script), command =>
        {
            string[] words = command.Split(' ', 2);
            switch (words[0])
            {
                case "one":
                case "two":
                    driver = new HistoryDriver(cross: words[0] == "two");
                    return new List<string>(driver.Run(words[1]));
                case "then":
                    return new List<string>(driver!.Run(words[1]));
                default:
                    Assert.Equal("expect", words[0]);
                    expectations++;
                    driver!.Expect(words[1]);
                    return [];
            }
        });

        Assert.Null(difference);
        Assert.True(expectations > 0);
    }
}
