using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml.Linq;

namespace ShardSql.Tests.Tidy;

/// <summary>Which project sees which, as the project files say.</summary>
internal sealed class ProjectGraph
{
    private readonly SortedDictionary<string, SortedSet<string>> _references = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SortedSet<string>> _frameworks = new(StringComparer.Ordinal);

    private ProjectGraph()
    {
    }

    /// <summary>Paths of all projects.</summary>
    public static IReadOnlyCollection<string> Paths => Repository.Files(".csproj");

    /// <summary>Names of projects in a folder of the root.</summary>
    public static IEnumerable<string> In(string folder) => Paths
        .Where(path => path.StartsWith(folder + "/", StringComparison.Ordinal)).Select(NameOf);

    /// <summary>Reads all project files.</summary>
    public static ProjectGraph Load()
    {
        var graph = new ProjectGraph();
        foreach (string path in Paths)
        {
            XElement project = XDocument.Parse(Repository.Read(path)).Root!;
            graph._references[NameOf(path)] = Included(project, "ProjectReference", NameOf);
            graph._frameworks[NameOf(path)] = Included(project, "FrameworkReference", name => name);
        }

        return graph;
    }

    /// <summary>All that a project sees, what its references see included.</summary>
    public SortedSet<string> Closure(string project)
    {
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        var next = new Stack<string>([project]);
        while (next.TryPop(out string? name))
        {
            foreach (string reference in _references[name].Where(seen.Add))
            {
                next.Push(reference);
            }
        }

        return seen;
    }

    /// <summary>Shared frameworks that a project brings with it.</summary>
    public SortedSet<string> Frameworks(string project) =>
        new(Closure(project).Append(project).SelectMany(name => _frameworks[name]), StringComparer.Ordinal);

    /// <summary>A project's name.</summary>
    public static string NameOf(string path) => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'));

    private static SortedSet<string> Included(XElement project, string kind, Func<string, string> name) => new(
        project.Descendants(kind).Select(reference => name((string)reference.Attribute("Include")!)), StringComparer.Ordinal);
}
