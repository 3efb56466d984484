using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

using Xunit;

namespace ShardSql.Tests.Tidy;

/// <summary>Every folder says what it is for, and what documents point to is there.</summary>
public sealed partial class DocumentTests
{
    private static readonly IReadOnlyList<string> s_documents = Repository.Files(".md");

    [Fact]
    public void Folder_ofTheRoot_hasAReadme()
    {
        IEnumerable<string> folders = Repository.Files(string.Empty)
            .Where(path => path.Contains('/', StringComparison.Ordinal))
            .Select(path => path.Split('/')[0])
            .Distinct();
        Assert.All(folders, folder => Assert.Contains($"{folder}/README.md", s_documents));
    }

    [Fact]
    public void Project_isNamedInAReadme()
    {
        Assert.All(
            ProjectGraph.Paths,
            path => Assert.Contains(
                ProjectGraph.NameOf(path), Repository.Read($"{path.Split('/')[0]}/README.md"), StringComparison.Ordinal));
    }

    [Fact]
    public void Link_ofADocument_leadsSomewhere()
    {
        var links = new List<string>();
        foreach (string document in s_documents)
        {
            string folder = Path.GetDirectoryName(document) ?? string.Empty;
            foreach (Match link in Link().Matches(Repository.Read(document)))
            {
                string target = link.Groups[1].Value.Split('#')[0];
                if (target.Length > 0 && !target.Contains("://", StringComparison.Ordinal))
                {
                    links.Add(target);
                    string path = Path.Combine(Repository.Root, folder, target);
                    Assert.True(Path.Exists(path), $"{document} points to {target}, which is not there");
                }
            }
        }

        Assert.NotEmpty(links);
    }

    [Fact]
    public void Path_inADocument_isThere()
    {
        // Paths in code marks, from the root or from the document's folder: only those that begin at a known folder.
        string[] folders = ["protos", "grammar", "storage", "gateway", "provider", "tests", "samples"];
        foreach (string document in s_documents)
        {
            foreach (Match mark in Mark().Matches(Repository.Read(document)))
            {
                string path = mark.Groups[1].Value;
                if (folders.Contains(path.Split('/')[0]))
                {
                    Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), $"{document} names {path}");
                }
            }
        }
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"(?<![`\w])`([\w.]+/[\w./-]*)`")]
    private static partial Regex Mark();
}
