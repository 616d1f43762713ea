// Package subprocess runs child processes on an event loop. It is like os/exec, but
// starting, waiting, reading and writing suspend the task and do not block the loop, and
// a process belongs to a scope.
//
//	out, err := subprocess.Command("git", "log", "-1").Output(ctx)
//
// # Whose a process is
//
// A process ends with the context that it was started with. When that context is
// canceled, or when its scope ends (the task, the timeout or the group), the process is
// asked to terminate, and killed after a delay; see [Cmd.Cancel] and [Cmd.WaitDelay]. At
// its end, a group waits until the processes that were started in it, or in its tasks,
// are gone, and so does Run. A process that has ended is reaped at once, that is, its
// exit status is taken from the system, whether a task waits for it or not. So no process
// outlives its group, and there are no zombies. To let a process outlive its task, start
// it with the context of the group; to let it outlive the program, use os/exec.
//
// This does not hold for the processes that a process has started itself, unless
// [Cmd.ProcessGroup] is set: then they all end with the process.
//
// [Cmd.Run], [Cmd.Output], [Cmd.CombinedOutput] and [Cmd.Communicate] own the
// process: when they are canceled, they end it, and return when it is gone.
// [Cmd.Wait] only waits: when it is canceled, the process goes on.
//
// # Input and output
//
// [Cmd.StdinPipe], [Cmd.StdoutPipe] and [Cmd.StderrPipe] return pipes that are
// streams: [streams.Pipe]. Wait does not wait for the end of the output in these pipes,
// which a grandchild may hold open; reading does. If no one reads the output of a
// process, it stops when the pipe is full: use Communicate, which writes and reads at the
// same time, or a task for each pipe.
//
// # For readers who know Python
//
//	create_subprocess_exec(p, *args)  cmd := Command(p, args...); cmd.Start(ctx)
//	create_subprocess_shell(s)        cmd := Shell(s); cmd.Start(ctx)
//	stdin=PIPE, stdout=PIPE           w, err := cmd.StdinPipe(ctx), cmd.StdoutPipe(ctx), before Start
//	stdin=DEVNULL                     nothing: that is what nil means
//	stdin=None                        cmd.Stdin = os.Stdin
//	stderr=STDOUT                     cmd.Stderr = cmd.Stdout
//	proc.communicate(input)           cmd.Communicate(ctx, input), before Start or after
//	proc.wait()                       cmd.Wait(ctx)
//	proc.pid, proc.returncode         cmd.Pid(), cmd.ReturnCode()
//	proc.send_signal, terminate, kill cmd.Signal, cmd.Terminate, cmd.Kill
//	process_group=0, os.killpg        cmd.ProcessGroup = true, before Start; cmd.Kill
//
// Unlike in Python, an exit status other than 0 is an error, an [ExitError], as in
// os/exec. ReturnCode returns the same numbers as in Python.
//
// On a system without processes, such as js/wasm, Start returns the error of os/exec.
package subprocess
