using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;

using Xunit;

namespace ShardSql.Tests.Tidy;

/// <summary>Sources stay small and finished.</summary>
public sealed partial class SourceTests
{
    private const int LinesMax = 400;

    // Longer for now: these ceilings come down, never up, and no file joins them.
    private static readonly Dictionary<string, int> s_longer = new(StringComparer.Ordinal)
    {
        ["storage/ShardSql.Storage/Nodes/NodeCore.cs"] = 500,
        ["storage/ShardSql.Storage/Nodes/ShardReplica.Requests.cs"] = 520,
    };

    private static readonly IReadOnlyList<string> s_sources =
        [.. Repository.Files(".cs").Where(path => !Repository.IsGenerated(path))];

    [Fact]
    public void Source_lines_areFewerThanTheLimit()
    {
        Assert.NotEmpty(s_sources);
        List<string> tooLong =
        [
            .. s_sources
                .Select(path => (Path: path, Lines: Repository.Read(path).Count(symbol => symbol == '\n')))
                .Where(file => file.Lines > s_longer.GetValueOrDefault(file.Path, LinesMax))
                .Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.Path}: {file.Lines}")),
        ];
        Assert.Empty(tooLong);
    }

    [Fact]
    public void Source_hasNoLeftoverMarkers() =>
        Assert.DoesNotContain(s_sources, path => Leftover().IsMatch(Repository.Read(path)));

    [Fact]
    public void Source_ofACore_names_itsImports()
    {
        // Imports show what a core depends on, so none is implicit (style.md 1).
        Assert.DoesNotContain(s_sources, path => Repository.Read(path).Contains("global " + "using", StringComparison.Ordinal));
    }

    // Put together here, so that this file is not its own find.
    [GeneratedRegex("\\b(TO" + "DO|FIX" + "ME|HA" + "CK|X" + "XX)\\b")]
    private static partial Regex Leftover();
}
