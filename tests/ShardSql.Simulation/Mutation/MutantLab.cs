using System;
using System.Diagnostics;
using System.IO;
using System.Reflection;

using ShardSql.Simulation.Golden;

namespace ShardSql.Simulation.Mutation;

/// <summary>Runs mutants: each is compiled, loaded beside the real product, and given to its engine.</summary>
public sealed class MutantLab
{
    private readonly MutantCompiler _compiler = new(GoldenScript.FolderOf("."));

    /// <summary>Where the mutants are.</summary>
    public static string Folder => GoldenScript.FolderOf("tests/ShardSql.Simulation/Mutants");

    /// <summary>Runs a mutant until its engine notices it or has run all its seeds.</summary>
    /// <exception cref="InvalidDataException">Its text is not there exactly once, or what comes of it is no program.</exception>
    public MutantResult Run(Mutant mutant)
    {
        var clock = Stopwatch.StartNew();
        using MemoryStream image = _compiler.Compile(mutant);
        var context = new MutantContext(Path.GetFileName(mutant.Project), image);
        try
        {
            Assembly simulation = context.LoadFromAssemblyName(typeof(MutantLab).Assembly.GetName());
            MethodInfo entry = simulation.GetType(typeof(MutantEntry).FullName!)!.GetMethod(nameof(MutantEntry.Run))!;
            var found = (string?)entry.Invoke(null, [mutant.Engine, mutant.First, mutant.Seeds, mutant.LoadMs, mutant.Notice]);
            return new MutantResult(mutant, found, clock.Elapsed);
        }
        finally
        {
            context.Unload();
        }
    }
}
