using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using ShardSql.Protocol;
using Xunit;

namespace ShardSql.Tests.Protocol;

public sealed class ClosureTests
{
    [Fact]
    public void Protocol_reference_closure_has_no_AspNetCore()
    {
        var closure = Closure(typeof(GrpcClient).Assembly);
        Assert.Contains("Google.Protobuf", closure);
        Assert.DoesNotContain(closure, name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));

        // The walk would see it: the server's assembly does reach it.
        Assert.Contains(
            Closure(typeof(ShardSql.Storage.Grpc.GrpcKestrelServer).Assembly),
            name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
    }

    private static SortedSet<string> Closure(Assembly root)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        var next = new Stack<Assembly>([root]);
        while (next.TryPop(out var assembly))
        {
            foreach (var reference in assembly.GetReferencedAssemblies().Where(name => names.Add(name.Name!)))
            {
                next.Push(Assembly.Load(reference));
            }
        }

        return names;
    }
}
