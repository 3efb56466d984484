using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

using ShardSql.Simulation.Mutation;

using Xunit;

namespace ShardSql.Tests.Simulation;

/// <summary>
/// Rules broken one at a time: the checkers must notice each. The default run holds one of those that are noticed at once
/// for each source and engine, <c>SHARDSQL_LONG=1</c> all.
/// </summary>
public sealed class MutantTests
{
    private static readonly MutantLab s_lab = new();

    private static readonly bool s_isLong = Environment.GetEnvironmentVariable("SHARDSQL_LONG") == "1";

    /// <summary>The mutants of this run.</summary>
    public static TheoryData<string> Names => [.. Mutant.ReadAll(MutantLab.Folder)
        .Where(mutant => mutant.Missed is null && (mutant.IsQuick || s_isLong))
        .DistinctBy(mutant => (mutant.File, mutant.Engine, s_isLong ? mutant.Name : "")).Select(mutant => mutant.Name)];

    /// <summary>One mutant of each project and engine.</summary>
    public static TheoryData<string> Controls => ["promise-forgotten", "revalidates-a-known-vote", "rule-l-dropped", "volatile-refusal"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Run_mutant_is_caught(string name) => Assert.NotNull(s_lab.Run(Of(name)).Found);

    [Theory]
    [MemberData(nameof(Controls))]
    public void Run_unchanged_sources_are_clean(string name)
    {
        Mutant mutant = Of(name);

        MutantResult result = s_lab.Run(mutant with { Replace = mutant.Find, Seeds = s_isLong ? 2UL : 1 });

        Assert.Null(result.Found);
    }

    [Fact]
    public void ReadAll_each_text_is_in_its_source_exactly_once()
    {
        IReadOnlyList<Mutant> mutants = Mutant.ReadAll(MutantLab.Folder);

        Assert.True(mutants.Count > 40, $"{mutants.Count} mutants are too few to mean anything.");
        Assert.All(mutants, mutant => Assert.NotEqual(
            MutantCompiler.Apply(mutant with { Replace = "" }, SourceOf(mutant)), SourceOf(mutant)));
    }

    [Fact]
    public void ReadAll_each_run_that_notices_a_mutant_is_one_of_its_engine() => Assert.All(
        Mutant.ReadAll(MutantLab.Folder).Where(static mutant => mutant.Notice is not null),
        static mutant => Assert.Contains(
            mutant.Notice,
            MutantEntry.RunsOf(mutant.Engine, mutant.First, mutant.Seeds, mutant.LoadMs).Select(static run => run.Name)));

    [Fact]
    public void Apply_with_a_text_that_is_not_there_is_refused() =>
        Assert.Throws<InvalidDataException>(() => MutantCompiler.Apply(Of("promise-forgotten"), "class C;"));

    [Fact]
    public void Compile_with_a_text_that_is_no_program_is_refused() => Assert.Throws<InvalidDataException>(
        () => s_lab.Run(Of("promise-forgotten") with { Replace = "no program" }));

    private static Mutant Of(string name) => Mutant.Read(Path.Combine(MutantLab.Folder, name + ".txt"));

    private static string SourceOf(Mutant mutant) =>
        File.ReadAllText(Path.Combine(MutantLab.Folder, "../../..", mutant.File));
}
