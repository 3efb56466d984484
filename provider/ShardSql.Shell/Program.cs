using System;
using ShardSql.Shell;

return await ShellCommandLine.InvokeAsync(
    args,
    Environment.GetEnvironmentVariable(ShellOptions.EnvironmentVariable),
    ShellProgram.RunAsync,
    Console.Out,
    Console.Error);
