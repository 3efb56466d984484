using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using System.Text;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace ShardSql.Simulation.Mutation;

/// <summary>Compiles the project of a mutant's source file, with the one text in it replaced.</summary>
public sealed class MutantCompiler
{
    private static readonly CSharpParseOptions s_parse =
        new CSharpParseOptions(LanguageVersion.Preview).WithFeatures([new("strict", "true")]);

    private readonly string _root;
    private readonly List<MetadataReference> _references;
    private readonly List<ISourceGenerator> _generators;

    // What has been read and generated of a project is used again by the next mutant of it.
    private readonly Dictionary<string, (Compilation Sources, GeneratorDriver Generators)> _projects = [];

    /// <summary>A compiler of a repository's projects.</summary>
    /// <param name="root">The repository.</param>
    public MutantCompiler(string root)
    {
        _root = root;
        string trusted = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        _references = [.. trusted.Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path))];
        _generators = [.. GeneratorsOf("Microsoft.NETCore.App", "Microsoft.Interop.LibraryImportGenerator")
            .Concat(GeneratorsOf("Microsoft.AspNetCore.App", "Microsoft.Extensions.Logging.Generators"))];
    }

    /// <summary>Compiles a mutant's project.</summary>
    /// <returns>The image of its assembly.</returns>
    /// <exception cref="InvalidDataException">The text is not there exactly once, or what comes of it is no program.</exception>
    public MemoryStream Compile(Mutant mutant)
    {
        (Compilation sources, GeneratorDriver generators) = _projects.TryGetValue(mutant.Project, out var known)
            ? known : (Read(mutant.Project), CSharpGeneratorDriver.Create(_generators, parseOptions: s_parse));
        string mutated = Path.Combine(_root, mutant.File);
        SyntaxTree source = sources.SyntaxTrees.FirstOrDefault(tree => tree.FilePath == mutated)
            ?? throw new InvalidDataException($"The mutant {mutant.Name} is of a file that is not there: {mutant.File}");
        Compilation compilation = sources.ReplaceSyntaxTree(source, Parse(Apply(mutant, source.ToString()), mutated));
        _projects[mutant.Project] = (sources, generators.RunGeneratorsAndUpdateCompilation(compilation, out compilation, out _));
        var image = new MemoryStream();
        EmitResult emitted = compilation.Emit(image);
        Diagnostic? error = emitted.Diagnostics.FirstOrDefault(found => found.Severity == DiagnosticSeverity.Error);
        return error is null ? image : throw new InvalidDataException($"The mutant {mutant.Name} is no program: {error}");
    }

    /// <summary>A source file with a mutant's text replaced.</summary>
    /// <exception cref="InvalidDataException">The text is not there exactly once.</exception>
    public static string Apply(Mutant mutant, string source)
    {
        int at = source.IndexOf(mutant.Find, StringComparison.Ordinal);
        if (at < 0 || source.IndexOf(mutant.Find, at + 1, StringComparison.Ordinal) >= 0)
        {
            throw new InvalidDataException($"The text of the mutant {mutant.Name} is not there exactly once.");
        }

        return string.Concat(source.AsSpan(0, at), mutant.Replace, source.AsSpan(at + mutant.Find.Length));
    }

    private CSharpCompilation Read(string project)
    {
        string name = Path.GetFileName(project);
        return CSharpCompilation.Create(
            name,
            SourcesOf(Path.Combine(_root, project)).Select(static path => Parse(File.ReadAllText(path), path))
                .Prepend(Parse(AttributesOf(name), "Attributes.cs")),
            ReferencesWithout(name),
            new CSharpCompilationOptions(
                File.Exists(Path.Combine(_root, project, "Program.cs"))
                    ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
                optimizationLevel: OptimizationLevel.Release, allowUnsafe: true,
                nullableContextOptions: NullableContextOptions.Enable));
    }

    private static IEnumerable<string> SourcesOf(string folder)
    {
        string[] built = ["bin", "obj"];
        return Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(path => !built.Contains(Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar)[0]))
            .Order(StringComparer.Ordinal);
    }

    private static SyntaxTree Parse(string source, string path) =>
        CSharpSyntaxTree.ParseText(SourceText.From(source, Encoding.UTF8), s_parse, path);

    // What the build writes beside the sources: who may see the internals, and the version that others were built for.
    private static string AttributesOf(string name)
    {
        Assembly built = Assembly.Load(name);
        var text = new StringBuilder();
        foreach (InternalsVisibleToAttribute friend in built.GetCustomAttributes<InternalsVisibleToAttribute>())
        {
            text.Append("[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"")
                .Append(friend.AssemblyName).AppendLine("\")]");
        }

        text.Append("[assembly: System.Reflection.AssemblyVersion(\"").Append(built.GetName().Version).AppendLine("\")]");
        return text.ToString();
    }

    private IEnumerable<MetadataReference> ReferencesWithout(string name) => _references.Where(
        reference => Path.GetFileNameWithoutExtension(reference.Display) != name);

    // The SDK's own generators, out of the reference pack beside the runtime that runs this.
    private static IEnumerable<ISourceGenerator> GeneratorsOf(string framework, string assembly)
    {
        string runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string pack = Path.Combine(runtime, "../../../packs", framework + ".Ref");
        string? found = Directory.Exists(pack)
            ? Directory.EnumerateFiles(Path.GetFullPath(pack), assembly + ".dll", SearchOption.AllDirectories)
                .Where(path => path.Contains("/cs/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).LastOrDefault()
            : null;
        return found is null
            ? throw new FileNotFoundException($"The SDK's {assembly} is not beside the runtime, in {pack}.")
            : new AnalyzerFileReference(found, new Loader()).GetGenerators(LanguageNames.CSharp);
    }

    private sealed class Loader : IAnalyzerAssemblyLoader
    {
        private readonly AssemblyLoadContext _context = new("generators");

        public void AddDependencyLocation(string fullPath) => _context.Resolving += (context, name) =>
        {
            string path = Path.Combine(Path.GetDirectoryName(fullPath)!, name.Name + ".dll");
            return File.Exists(path) ? context.LoadFromAssemblyPath(path) : null;
        };

        public Assembly LoadFromPath(string fullPath) => _context.LoadFromAssemblyPath(fullPath);
    }
}
