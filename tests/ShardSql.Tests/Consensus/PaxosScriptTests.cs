using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

using ShardSql.Simulation.Golden;

using Xunit;

namespace ShardSql.Tests.Consensus;

/// <summary>
/// Transcripts of replicas. <c>&gt; expect</c> states what must be so, so that rewriting a file cannot hide that it is not.
/// </summary>
public sealed class PaxosScriptTests
{
    private static readonly string s_folder = GoldenScript.FolderOf("tests/ShardSql.Tests/Consensus/testdata");

    public static TheoryData<string> Scripts =>
        [.. Directory.GetFiles(s_folder, "*.txt").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Replicas_ofAScript_doAsItSays(string script)
    {
        var run = new PaxosScript();
        string? difference = GoldenScript.Run(Path.Combine(s_folder, script), command => new List<string>(run.Execute(command)));

        Assert.Null(difference);
        Assert.True(run.Expectations > 0);
    }
}
