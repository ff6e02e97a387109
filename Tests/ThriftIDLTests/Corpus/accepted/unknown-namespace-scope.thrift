namespace klingon qo.nos
