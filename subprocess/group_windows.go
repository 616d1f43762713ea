package subprocess

import (
	"cmp"
	"errors"
	"os"
	"os/exec"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// A processGroup is a job object, which the system kills when its last handle is closed.
type processGroup struct{ job windows.Handle }

// prepare lets the process be started without running, so that it can start nothing
// before it is in the job.
func (g *processGroup) prepare(c *exec.Cmd) error {
	attr := syscall.SysProcAttr{}
	if c.SysProcAttr != nil {
		attr = *c.SysProcAttr
	}
	attr.CreationFlags |= windows.CREATE_SUSPENDED
	c.SysProcAttr = &attr
	return nil
}

func (g *processGroup) begin(p *os.Process) (err error) {
	if g.job, err = windows.CreateJobObject(nil, nil); err != nil {
		return os.NewSyscallError("CreateJobObject", err)
	}
	limits := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{}
	limits.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	_, err = windows.SetInformationJobObject(g.job, windows.JobObjectExtendedLimitInformation, uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)))
	if err != nil {
		return os.NewSyscallError("SetInformationJobObject", err)
	}
	failed := p.WithHandle(func(handle uintptr) {
		err = windows.AssignProcessToJobObject(g.job, windows.Handle(handle))
	})
	if err := cmp.Or(failed, os.NewSyscallError("AssignProcessToJobObject", err)); err != nil {
		return err
	}
	return resume(uint32(p.Pid))
}

// resume lets a process run that was started without running. Package os has closed the
// handle of its only thread, so resume has to look for the thread.
func resume(pid uint32) error {
	all, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPTHREAD, 0)
	if err != nil {
		return os.NewSyscallError("CreateToolhelp32Snapshot", err)
	}
	defer windows.CloseHandle(all)
	entry := windows.ThreadEntry32{}
	entry.Size = uint32(unsafe.Sizeof(entry))
	for err = windows.Thread32First(all, &entry); err == nil; err = windows.Thread32Next(all, &entry) {
		if entry.OwnerProcessID == pid {
			return resumeThread(entry.ThreadID)
		}
	}
	return os.NewSyscallError("Thread32Next", err)
}

func resumeThread(id uint32) error {
	thread, err := windows.OpenThread(windows.THREAD_SUSPEND_RESUME, false, id)
	if err != nil {
		return os.NewSyscallError("OpenThread", err)
	}
	defer windows.CloseHandle(thread)
	_, err = windows.ResumeThread(thread)
	return os.NewSyscallError("ResumeThread", err)
}

// signal can only kill, like os.Process.Signal on Windows.
func (g *processGroup) signal(sig os.Signal) error {
	switch {
	case sig != os.Kill:
		return errors.ErrUnsupported
	case g.job == 0:
		return os.ErrProcessDone
	default:
		return os.NewSyscallError("TerminateJobObject", windows.TerminateJobObject(g.job, 1))
	}
}

func (g *processGroup) end() {
	if g.job != 0 {
		_ = windows.TerminateJobObject(g.job, 1)
		_ = windows.CloseHandle(g.job)
		g.job = 0
	}
}

// watchGroupInThread needs nothing special: the job is not bound to its first process.
func watchGroupInThread(p *process) exitWatch { return watchInThread(p) }
